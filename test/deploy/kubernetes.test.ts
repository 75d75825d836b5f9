import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { readConfig } from '../../src/config.ts';
import { environment } from '../../src/environment.ts';
import { useServer } from '../harness.ts';
import { imageEnvironment, manifestFiles, read, version, yaml } from './files.ts';
import { manifest } from './kubernetes-shapes.ts';

type Manifest = z.output<typeof manifest>;

const manifests = manifestFiles().flatMap((path) => yaml(path).map((document) => manifest.parse(document)));

/** The only manifest of its kind. */
function only<Kind extends Manifest['kind']>(kind: Kind): Extract<Manifest, { kind: Kind }> {
  const [found, ...more] = manifests.filter((it): it is Extract<Manifest, { kind: Kind }> => it.kind === kind);
  if (found === undefined || more.length > 0) throw new Error(`not one ${kind}`);
  return found;
}

/** What kustomize reads in a file of variables: it knows comments, but no quotes. */
function variablesOf(path: string): Record<string, string> {
  const lines = read(path)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => {
      const [, name, value] = /^([A-Z_]+)=([^\s'"]+)$/.exec(line) ?? [];
      if (name === undefined || value === undefined) throw new Error(`${path}: ${line}`);
      return [name, value];
    }),
  );
}

const deployment = only('Deployment');
const pod = deployment.spec.template;
const [container] = pod.spec.containers;
const job = only('Job');
const [configMap] = only('Kustomization').configMapGenerator;
const variables = variablesOf(`deploy/kubernetes/${configMap?.envs[0]}`);
const secrets = only('Secret').stringData;

/** The variables as a container sees them, with its mounted files in `folder`. */
function mounted(folder: string): Record<string, string> {
  for (const [key, value] of Object.entries(secrets)) writeFileSync(join(folder, key), `${value}\n`);
  const [mount] = (container?.volumeMounts ?? []).filter(({ name }) => name === 'secrets');
  const local = (value: string) => value.replace(`${mount?.mountPath}/`, `${folder}/`);
  return Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, local(value)]));
}
/** The longest an instance takes to end after SIGTERM, in seconds: design, section 14. */
const drainSeconds = 10;
/** PostgreSQL keeps so many of its max_connections for superusers: superuser_reserved_connections. */
const reservedConnections = 3;

describe('the Kubernetes manifests', () => {
  test('have the shape that the API takes, also when one is written wrong: that is noticed', () => {
    expect(manifests.length).toBe(7);
    expect(manifest.safeParse({ ...deployment, spec: { ...deployment.spec, replica: 3 } }).success).toBe(false);
  });

  test('are all applied by kustomize but the example of the secret, which nobody should apply', () => {
    const files = manifestFiles().map((path) => basename(path));
    const { resources, images } = only('Kustomization');
    expect([...resources, 'kustomization.yaml', 'secret.example.yaml'].sort()).toEqual(files.sort());
    expect(images).toEqual([{ name: 'ovation', newName: 'ovation', newTag: version }]);
  });

  test('name the image of this version', () => {
    for (const { image } of [...pod.spec.containers, ...job.spec.template.spec.containers]) {
      expect(image).toBe(`ovation:${version}`);
    }
  });

  test('set variables that the server knows, and all that production needs, the secrets as files', () => {
    for (const name of Object.keys(variables)) expect(environment.shape).toHaveProperty(name);
    const folder = mkdtempSync(join(tmpdir(), 'ovation-secrets-'));
    try {
      const given = { ...imageEnvironment(), ...mounted(folder) };
      expect(readConfig(given)).toMatchObject({
        production: true,
        trustProxy: true,
        databaseUrl: secrets.DATABASE_URL,
        redisUrls: [secrets.REDIS_URL],
        auth: { keys: secrets.AUTH_KEYS },
      });
      for (const name of Object.keys(secrets)) {
        expect(variables).not.toHaveProperty(name);
        expect(() => readConfig({ ...given, [`${name}_FILE`]: '' })).toThrow(name);
        expect(() => readConfig({ ...given, [`${name}_FILE`]: `${folder}/elsewhere` })).toThrow(`${name}_FILE`);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('mount the secret where its group, and nobody else, may read it', () => {
    for (const { securityContext, volumes, containers } of [pod.spec, job.spec.template.spec]) {
      const secret = { secretName: only('Secret').metadata.name, defaultMode: 0o440 };
      expect(volumes).toContainEqual({ name: 'secrets', secret });
      expect(securityContext.fsGroup).toBe(securityContext.runAsGroup);
      const mount = containers[0]?.volumeMounts?.find(({ name }) => name === 'secrets');
      expect(mount?.readOnly).toBe(true);
      for (const name of Object.keys(secrets)) expect(variables[`${name}_FILE`]).toBe(`${mount?.mountPath}/${name}`);
    }
  });

  test('give server and migration the same variables', () => {
    const sources = [{ configMapRef: { name: configMap?.name } }];
    expect(container?.envFrom).toEqual(sources);
    expect(job.spec.template.spec.containers[0]?.envFrom).toEqual(sources);
    expect(job.spec.template.spec.containers[0]?.command).toEqual(['ovation', 'migrate']);
  });

  test('select the pods of the server and not those of the migration', () => {
    const { labels } = pod.metadata;
    const selectors = [
      deployment.spec.selector.matchLabels,
      only('Service').spec.selector,
      only('PodDisruptionBudget').spec.selector.matchLabels,
      ...(pod.spec.topologySpreadConstraints ?? []).map(({ labelSelector }) => labelSelector.matchLabels),
    ];
    expect(selectors).toHaveLength(4);
    for (const selector of selectors) {
      expect(labels).toMatchObject(selector);
      expect(job.spec.template.metadata.labels).not.toMatchObject(selector);
    }
    const { kind, name } = only('HorizontalPodAutoscaler').spec.scaleTargetRef;
    expect({ kind, name }).toEqual({ kind: deployment.kind, name: deployment.metadata.name });
  });

  test('lead traffic to the port that the server listens on', () => {
    const [port] = container?.ports ?? [];
    expect(String(port?.containerPort)).toBe(variables.PORT);
    expect(only('Service').spec.ports.map(({ targetPort }) => targetPort)).toEqual([port?.name]);
    for (const probe of [container?.readinessProbe, container?.livenessProbe, container?.startupProbe]) {
      expect(probe?.httpGet.port).toBe(port?.name);
    }
    expect(variables.HOST).toBe('0.0.0.0');
  });

  test('replace instances one by one, none before the next is ready, and let each drain to its end', () => {
    expect(deployment.spec.strategy.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });
    // In which every node hears that the pod is no more in the Service.
    expect(Number(variables.DRAIN_DELAY)).toBeGreaterThanOrEqual(5);
    expect(pod.spec.terminationGracePeriodSeconds).toBeGreaterThan(Number(variables.DRAIN_DELAY) + drainSeconds);
    const { minReplicas } = only('HorizontalPodAutoscaler').spec;
    expect(only('PodDisruptionBudget').spec.maxUnavailable).toBeLessThan(minReplicas);
  });

  test('leave the number of instances to the autoscaler: applied again, they do not undo what it did', () => {
    expect(deployment.spec).not.toHaveProperty('replicas');
    expect(only('Kustomization').resources).toContain('horizontal-pod-autoscaler.yaml');
  });

  test('want fewer connections than PostgreSQL allows by default, also while all instances are replaced', () => {
    const { maxReplicas } = only('HorizontalPodAutoscaler').spec;
    const goingSeconds = Number(variables.DRAIN_DELAY) + drainSeconds;
    const going = Math.ceil(goingSeconds / deployment.spec.minReadySeconds);
    const instances = maxReplicas + deployment.spec.strategy.rollingUpdate.maxSurge + going;
    const allowed = 100 - reservedConnections;
    // Some are left for a migration, the doctor and a person.
    expect(instances * Number(variables.DATABASE_POOL)).toBeLessThanOrEqual(allowed - 5);
  });

  test('a changed variable replaces the pods: the ConfigMap is one that kustomize names by what it holds', () => {
    expect(only('Kustomization').configMapGenerator).toHaveLength(1);
    expect(manifests.map(({ kind }) => kind)).not.toContain('ConfigMap');
    expect(configMap?.options).not.toHaveProperty('disableNameSuffixHash');
  });

  test('mount only volumes that there are', () => {
    for (const { volumes = [], containers } of [pod.spec, job.spec.template.spec]) {
      expect(containers[0]?.volumeMounts?.map(({ name }) => name)).toEqual(volumes.map(({ name }) => name));
    }
  });
});

describe('the probes', () => {
  const server = useServer();

  test('ask for addresses that a running server answers', async () => {
    for (const probe of [container?.readinessProbe, container?.livenessProbe, container?.startupProbe]) {
      const response = await fetch(`${server.url}${probe?.httpGet.path}`);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toContain('json');
    }
    expect(container?.readinessProbe?.httpGet.path).toBe('/ready');
    expect(container?.livenessProbe?.httpGet.path).toBe('/health');
  });
});
