// SPDX-License-Identifier: Apache-2.0
import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  evidenceKinds,
  isEvidenceKind,
} from '@causeway/plugin-delivery-common';
import type { DatabaseEvidence } from '../evidence/DatabaseEvidence';
import type { EvidenceUploads } from '../evidence/EvidenceUploads';
import type { Releases } from '../releases/Releases';
import type { Admission } from './Admission';
import { problemOfRefusal, RequestProblem } from './RequestProblem';
import type { Handlers } from './routes';

/** The files that CI leaves with a release: sent with a signature, seen by whoever sees pipelines. */
export function evidenceHandlers(parts: {
  readonly admission: Admission;
  readonly uploads: EvidenceUploads;
  readonly evidence: DatabaseEvidence;
  readonly releases: Pick<Releases, 'get'>;
  readonly logger: LoggerService;
}): Handlers<'sendEvidence' | 'getEvidence' | 'getEvidenceFile'> {
  const { admission, uploads, evidence, releases, logger } = parts;
  return {
    async sendEvidence(request) {
      const header = (name: string) => request.header(name) ?? '';
      const { release, kind } = request.params;
      if (!isEvidenceKind(kind)) {
        throw new RequestProblem('UnprocessableContentError', {
          code: 'badEvidence',
          message: `There is no kind of evidence ${String(kind)}.`,
          hint: `Known are ${evidenceKinds.join(', ')}.`,
        });
      }
      const length = Number(request.header('content-length'));
      const answer = await uploads.receive({
        release,
        kind,
        name: request.query.name,
        repository: header('x-causeway-repository'),
        timestamp: header('x-causeway-timestamp'),
        checksum: header('x-causeway-checksum'),
        signature: header('x-causeway-signature'),
        ...(Number.isFinite(length) && { length }),
        content: request.express,
      });
      if (answer.kind === 'refused') {
        logger.warn(`A file of a release was refused: ${answer.code}`);
        throw problemOfRefusal(answer);
      }
      return {
        status: answer.kind === 'kept' ? 201 : 200,
        body: answer.evidence,
      };
    },

    async getEvidence(request) {
      await admission.read(request);
      const { release } = request.params;
      if (!(await releases.get(release))) {
        throw unknown(`There is no release ${release}.`);
      }
      return {
        status: 200,
        body: { items: [...(await evidence.list(release))] },
      };
    },

    async getEvidenceFile(request) {
      await admission.read(request);
      const { release, kind, name } = request.params;
      const content = await evidence.read(release, kind, name);
      if (!content) throw unknown(`The release has no file ${name}.`);
      return {
        status: 200,
        content,
        headers: {
          // Never shown by the browser itself: CI may write what it likes into it.
          'Content-Type': 'application/octet-stream',
          'Content-Disposition': `attachment; filename="${name}"`,
          'X-Content-Type-Options': 'nosniff',
          'Content-Security-Policy': "default-src 'none'; sandbox",
        },
      };
    },
  };
}

function unknown(message: string): RequestProblem {
  return new RequestProblem('NotFoundError', {
    code: 'unknownEvidence',
    message,
  });
}
