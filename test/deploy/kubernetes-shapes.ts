import { z } from 'zod';

/**
 * The parts of Kubernetes' API that the manifests use, as the API reference has them, and nothing else: a field that is misspelt
 * or stands in the wrong place is an error here, as it is for `kubectl apply --validate=strict`.
 */
const labels = z.record(z.string().regex(/^([a-z.]+\/)?[a-z-]+$/), z.string().max(63));
const metadata = z.strictObject({ name: z.string().regex(/^[a-z0-9-]+$/), labels });
const selector = z.strictObject({ matchLabels: labels });
const quantity = z.string().regex(/^\d+(m|Ki|Mi|Gi)?$/);
const resourceList = z.strictObject({ cpu: quantity.optional(), memory: quantity });
const port = z.union([z.string(), z.number().int()]);

const probe = z.strictObject({
  httpGet: z.strictObject({ path: z.string().startsWith('/'), port }),
  periodSeconds: z.number().int().min(1),
  timeoutSeconds: z.number().int().min(1).optional(),
  failureThreshold: z.number().int().min(1),
});

const container = z.strictObject({
  name: z.string(),
  image: z.string(),
  command: z.array(z.string()).optional(),
  ports: z.array(z.strictObject({ name: z.string().max(15), containerPort: z.number().int() })).optional(),
  envFrom: z.array(
    z.union([
      z.strictObject({ configMapRef: z.strictObject({ name: z.string() }) }),
      z.strictObject({ secretRef: z.strictObject({ name: z.string() }) }),
    ]),
  ),
  readinessProbe: probe.optional(),
  livenessProbe: probe.optional(),
  startupProbe: probe.optional(),
  securityContext: z.strictObject({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.strictObject({ drop: z.tuple([z.literal('ALL')]) }),
  }),
  resources: z.strictObject({ requests: resourceList, limits: resourceList }),
  volumeMounts: z
    .array(
      z.strictObject({ name: z.string(), mountPath: z.string().startsWith('/'), readOnly: z.literal(true).optional() }),
    )
    .optional(),
});

const podTemplate = z.strictObject({
  metadata: z.strictObject({ labels }),
  spec: z.strictObject({
    automountServiceAccountToken: z.literal(false),
    restartPolicy: z.enum(['Always', 'OnFailure', 'Never']).optional(),
    terminationGracePeriodSeconds: z.number().int().optional(),
    securityContext: z.strictObject({
      runAsNonRoot: z.literal(true),
      runAsUser: z.number().int().min(1),
      runAsGroup: z.number().int().min(1),
      fsGroup: z.number().int().min(1).optional(),
      seccompProfile: z.strictObject({ type: z.literal('RuntimeDefault') }),
    }),
    topologySpreadConstraints: z
      .array(
        z.strictObject({
          maxSkew: z.number().int(),
          topologyKey: z.string(),
          whenUnsatisfiable: z.enum(['DoNotSchedule', 'ScheduleAnyway']),
          labelSelector: selector,
        }),
      )
      .optional(),
    containers: z.array(container).length(1),
    volumes: z
      .array(
        z.union([
          z.strictObject({ name: z.string(), emptyDir: z.strictObject({}) }),
          z.strictObject({
            name: z.string(),
            secret: z.strictObject({ secretName: z.string(), defaultMode: z.number().int() }),
          }),
        ]),
      )
      .optional(),
  }),
});

export const deployment = z.strictObject({
  apiVersion: z.literal('apps/v1'),
  kind: z.literal('Deployment'),
  metadata,
  spec: z.strictObject({
    revisionHistoryLimit: z.number().int(),
    minReadySeconds: z.number().int(),
    selector,
    strategy: z.strictObject({
      type: z.literal('RollingUpdate'),
      rollingUpdate: z.strictObject({ maxSurge: z.number().int(), maxUnavailable: z.number().int() }),
    }),
    template: podTemplate,
  }),
});

export const job = z.strictObject({
  apiVersion: z.literal('batch/v1'),
  kind: z.literal('Job'),
  metadata,
  spec: z.strictObject({
    backoffLimit: z.number().int(),
    ttlSecondsAfterFinished: z.number().int(),
    template: podTemplate,
  }),
});

export const service = z.strictObject({
  apiVersion: z.literal('v1'),
  kind: z.literal('Service'),
  metadata,
  spec: z.strictObject({
    selector: labels,
    ports: z.array(z.strictObject({ name: z.string(), port: z.number().int(), targetPort: port })),
  }),
});

export const secret = z.strictObject({
  apiVersion: z.literal('v1'),
  kind: z.literal('Secret'),
  metadata,
  type: z.literal('Opaque'),
  stringData: z.record(z.string(), z.string()),
});

export const podDisruptionBudget = z.strictObject({
  apiVersion: z.literal('policy/v1'),
  kind: z.literal('PodDisruptionBudget'),
  metadata,
  spec: z.strictObject({ maxUnavailable: z.number().int(), selector }),
});

export const autoscaler = z.strictObject({
  apiVersion: z.literal('autoscaling/v2'),
  kind: z.literal('HorizontalPodAutoscaler'),
  metadata,
  spec: z.strictObject({
    scaleTargetRef: z.strictObject({ apiVersion: z.string(), kind: z.string(), name: z.string() }),
    minReplicas: z.number().int(),
    maxReplicas: z.number().int(),
    metrics: z.array(
      z.strictObject({
        type: z.literal('Resource'),
        resource: z.strictObject({
          name: z.enum(['cpu', 'memory']),
          target: z.strictObject({ type: z.literal('Utilization'), averageUtilization: z.number().int() }),
        }),
      }),
    ),
    behavior: z.strictObject({
      scaleDown: z.strictObject({
        stabilizationWindowSeconds: z.number().int(),
        policies: z.array(
          z.strictObject({
            type: z.enum(['Pods', 'Percent']),
            value: z.number().int(),
            periodSeconds: z.number().int(),
          }),
        ),
      }),
    }),
  }),
});

export const kustomization = z.strictObject({
  apiVersion: z.literal('kustomize.config.k8s.io/v1beta1'),
  kind: z.literal('Kustomization'),
  resources: z.array(z.string()),
  configMapGenerator: z.array(
    z.strictObject({
      name: z.string(),
      envs: z.tuple([z.string()]),
      options: z.strictObject({ labels }),
    }),
  ),
  images: z.array(z.strictObject({ name: z.string(), newName: z.string(), newTag: z.string() })),
});

export const manifest = z.discriminatedUnion('kind', [
  deployment,
  job,
  service,
  secret,
  podDisruptionBudget,
  autoscaler,
  kustomization,
]);
