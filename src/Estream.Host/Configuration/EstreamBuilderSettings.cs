using Estream.Circuits;
using Estream.Core;
using Estream.Crypto;
using Estream.Esf;
using Estream.Host.Runtime;
using Estream.Queue;
using Estream.Streams;
using Estream.Streams.Pipelines;
using Estream.Wire;
using Estream.Witness;
using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>Applies a checked configuration to the builder, so a file and code describe a host in the same way.</summary>
internal static class EstreamBuilderSettings
{
    public static EstreamBuilder Add(this EstreamBuilder builder, EstreamSettings settings, EsfSchemaSet schemas)
    {
        builder.UseData(settings.Data).UseSchemas(schemas).UseAudit();
        builder.UseHistory(settings.History).UseAlerts(settings.Alerts);
        if (settings.MinFreeBytes is { } bytes)
        {
            builder.UseMinFreeBytes(bytes);
        }

        if (settings.PrivacyKeys is { } keys)
        {
            builder.UseAudienceKeys(EsfAudienceKeys.Load(keys));
        }

        if (settings.Vault is { } vault)
        {
            builder.UseCardVault(vault.Directory, vault.KeyFile);
        }

        builder.AddClients(settings.Client);
        builder.AddAdapters(settings);
        builder.AddQueues(settings, schemas);
        builder.AddPartitioned(settings.Partitioned);
        foreach (MapSettings map in settings.Maps)
        {
            builder.AddMap(map.Name, map.Queue, map.Schema, map.Key);
        }

        foreach (MulticastPlan multicast in settings.Multicast)
        {
            builder.AddMulticast(multicast);
        }

        foreach (DeclaredPipeline pipeline in settings.Pipelines)
        {
            builder.AddPipeline(pipeline);
        }

        foreach ((string tenant, TenantLimits limits) in settings.Tenants)
        {
            builder.AddTenant(tenant, limits);
        }

        foreach (string card in settings.Cards)
        {
            builder.AddCard(card);
        }

        builder.UseStreamObservation(settings.Observation);
        foreach (IVerifier approver in settings.Approvers)
        {
            builder.AddApprover(approver);
        }

        foreach ((LexAddress address, LexTarget queue) in settings.Streams.All.Where(entry =>
            entry.Value is { Kind: LexTargetKind.Queue, Schema: null }))
        {
            builder.AddAddress(address, queue.Name);
        }

        foreach (CircuitPlan circuit in settings.Circuits)
        {
            builder.AddCircuit(circuit.Circuit, circuit.Tenant);
        }

        builder.AddReplicasAndApprovals(settings);
        return builder;
    }

    private static void AddReplicasAndApprovals(this EstreamBuilder builder, EstreamSettings settings)
    {
        if (settings.Replication is { } replication)
        {
            builder.UseReplication(replication);
        }

        foreach (ReplicaPlan replica in settings.Replicas)
        {
            builder.AddReplica(replica);
        }

        foreach ((string transcript, MpcIdentity identity) in settings.Identities)
        {
            builder.UseIdentity(transcript, identity);
        }

        foreach ((string category, int approvals) in settings.GovernanceApprovals)
        {
            builder.RequireApprovals(category, approvals);
        }
    }

    private static void AddQueues(this EstreamBuilder builder, EstreamSettings settings, EsfSchemaSet schemas)
    {
        bool hasDeadLetters = settings.Queues.Any(queue => queue.Name == HostConfiguration.DeadLetters);
        IEnumerable<QueueSettings> queues =
            hasDeadLetters ? settings.Queues : [.. settings.Queues, new QueueSettings(HostConfiguration.DeadLetters)];
        QueueDurability durability = builder.DurabilityOf(settings);
        foreach (QueueSettings queue in queues)
        {
            QueueOptions options = new()
            {
                RetainedBytes = queue.RetainedBytes ?? HostConfiguration.RetainedBytesOf(queue.Name),
                RetainedAge = QueueAge.Of(queue, settings, schemas),
                MemoryBytes = queue.MemoryBytes,
                Keys = queue.KeyFile is { } file ? MasterKeyFile.Read(file, queue.PrivateKeyFile) : null,
                IngressDurability = durability.Of(queue),
                Region = queue.Region,
            };
            options = settings.HasGroupReaders ? options with { Storage = FileStorage.GroupReadable } : options;
            options = settings.MaxRetentionHold is { } hold ? options with { MaxRetentionHold = hold } : options;
            if (queue.UsesReserve ?? durability.NeededBy(queue) is not null)
            {
                builder.UseReserve(queue.Name);
            }

            if (durability.WarningOf(queue) is { } warning)
            {
                builder.Warn(warning);
            }

            builder.AddQueue(queue.Name, queue.SegmentBytes is { } bytes ? options with { SegmentBytes = bytes } : options);
            if (queue.TrustedKeys is { } trusted)
            {
                builder.RequireSignature(queue.Name, trusted);
            }

            if (queue.Witness is { } witness)
            {
                builder.AddWitness(queue.Name, witness.KeyFile, OptionsOf(witness), witness.Card);
            }
        }
    }

    private static void AddAdapters(this EstreamBuilder builder, EstreamSettings settings)
    {
        if (settings.Components is { } components)
        {
            builder.UseComponents(components.Workspace, components.Cache, components.RevokedFile, components.WidgetBytes);
        }

        if (settings.Gateway is { } gateway)
        {
            builder.UseGateway(gateway.Component.ToString(), gateway.HasStandby);
        }

        foreach (AdapterSettings adapter in settings.Adapters)
        {
            IEnumerable<KeyValuePair<string, string?>> values = adapter.Section.AsEnumerable(makePathsRelative: true);
            if (adapter.Component is { Length: > 0 } component)
            {
                // Component is a key of the host. Remove it, because the component would refuse an unknown key.
                builder.AddComponentAdapter(adapter.Name, component, new WireSettings(
                    adapter.Section.Path,
                    values.Where(value => !value.Key.Equals(AdapterPlan.ComponentSetting, StringComparison.OrdinalIgnoreCase))));
            }
            else
            {
                builder.AddWireAdapter(adapter.Name, new WireSettings(adapter.Section.Path, values));
            }
        }
    }

    private static WitnessOptions OptionsOf(WitnessSettings witness)
    {
        WitnessOptions standard = new();
        return new WitnessOptions
        {
            MaxMessages = witness.MaxMessages ?? standard.MaxMessages,
            MaxDelay = witness.MaxDelayMs is { } delay ? TimeSpan.FromMilliseconds(delay) : standard.MaxDelay,
            IsDurable = witness.IsDurable,
            EarlierKeys = [.. witness.EarlierKeys.Select(MlDsa87PublicKey.Load)],
        };
    }
}
