using System.Globalization;
using System.Numerics;
using Estream.Core;
using Estream.Esf;
using Estream.Host.Components;
using Estream.Host.Runtime;
using Estream.Queue;
using Estream.Wire.Modbus;
using Estream.Witness;
using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>
/// Checks that references resolve: the queue of a map, the schema of a mapping, the field of a capture. Works on the raw configuration, so
/// one start reports these errors together with misspelled keys. Missing values are skipped, because the schema check reports them.
/// </summary>
internal sealed class ReferenceCheck(
    IConfiguration configuration, ISchemaLookup schemas, IReadOnlyCollection<string> outputMaps, SettingErrors errors)
{
    /// <summary>The default maximum packet size of both MQTT adapters.</summary>
    private const long DefaultPacketBytes = 1024 * 1024;

    /// <summary>An upper bound for what a dead letter adds to its payload: reason, source, and the headers of message and
    /// segment.</summary>
    private const long DeadLetterReserve = 32 * 1024;

    private readonly IConfigurationSection _root = configuration.GetSection(EstreamSettingsSchema.SectionName);

    private readonly QueueNames _queues = new(configuration);

    public void Run()
    {
        CheckAttestations();
        foreach (IConfigurationSection map in _root.GetSection("Maps").GetChildren())
        {
            CheckQueue(map.GetSection("Queue"));
            CheckSchema(map.GetSection("Schema"));
            CheckKey(map);
        }

        CheckWorkspace(_root.GetSection("Gateway:Component"));
        foreach (IConfigurationSection integration in
            _root.GetSection($"{InstalledComponents.SectionKey}:{InstalledComponents.IntegrationsKey}").GetChildren())
        {
            CheckWorkspace(integration);
        }

        HashSet<string> taken = [.. _queues.All, .. _queues.All.Select(queue => queue + QueueWitness.DirectoryEnding)];
        foreach (IConfigurationSection multicast in _root.GetSection(MulticastSections.Key).GetChildren())
        {
            MulticastSections.Check(multicast, taken, CheckQueue, errors);
        }

        ReplicaSections.Check(_root, CheckQueue, errors);
        ReplicationSection.Check(_root.GetSection(ReplicationSection.Key), taken, CheckQueue, errors);
        ReplicationSection.CheckMaps(_root, errors);
        ReplicationSection.CheckKeys(_root, errors);
        RegionCheck.Check(_root, errors);
        CheckQuorum();
        CheckSignatures();
        CheckCards();
        foreach (IConfigurationSection queue in _root.GetSection("Queues").GetChildren())
        {
            CheckPrivateKey(queue, errors);
        }

        CheckTurns();

        foreach (IConfigurationSection adapter in _root.GetSection("Adapters").GetChildren())
        {
            CheckDeadLetters(adapter);
            CheckWorkspace(adapter.GetSection(AdapterPlan.ComponentSetting));
            CheckServedMap(adapter);
            foreach (IConfigurationSection mapping in adapter.GetSection("Mappings").GetChildren())
            {
                CheckMapping(mapping);
            }

            foreach (IConfigurationSection egress in adapter.GetSection("Egress").GetChildren())
            {
                CheckQueue(egress.GetSection("Queue"));
                CheckSchema(egress.GetSection("Schema"));
                CheckCaptures(egress);
            }
        }
    }

    /// <summary>Checks that the map that a Modbus server serves exists.</summary>
    private void CheckServedMap(IConfigurationSection adapter)
    {
        if (adapter[VariantSchema.TypeKey] != ModbusServerFactory.Type || adapter["Map"] is not { Length: > 0 } name)
        {
            return;
        }

        string[] maps = [.. _root.GetSection("Maps").GetChildren().Select(map => map.Key), .. outputMaps];
        if (!maps.Contains(name, StringComparer.Ordinal))
        {
            errors.Add(adapter.GetSection("Map").Path,
                $"is {ScalarSchema.Quote(name)}, which is not a map. The maps are: {string.Join(", ", maps.DefaultIfEmpty("none"))}.");
        }
    }

    /// <summary>Checks that a queue or map with a private key has the master keys that it opens.</summary>
    public static void CheckPrivateKey(IConfigurationSection section, SettingErrors errors)
    {
        if (section["PrivateKeyFile"] is { Length: > 0 } && section["KeyFile"] is not { Length: > 0 })
        {
            errors.Add($"{section.Path}:PrivateKeyFile", $"is set without {section.Path}:KeyFile. Set both, or remove this key.");
        }
    }

    /// <summary>Checks that each queue that waits for a quorum is replicated.</summary>
    private void CheckQuorum()
    {
        IReadOnlyList<string> replicated = ReplicationSection.NamesIn(_root.GetSection(ReplicationSection.Key), "Publish");
        foreach (IConfigurationSection queue in _root.GetSection("Queues").GetChildren())
        {
            if (QueueDurability.NeedsBrokers(queue[QueueDurability.Key]) && !replicated.Contains(queue.Key, StringComparer.Ordinal))
            {
                errors.Add(queue.GetSection(QueueDurability.Key).Path,
                    $"is {queue[QueueDurability.Key]}, but the queue is not replicated. Name it in "
                    + $"{_root.Path}:{ReplicationSection.Key}:Publish, or choose another durability.");
            }
        }
    }

    /// <summary>Checks that the card of each witness is a card of the host.</summary>
    private void CheckCards()
    {
        string[] cards = [.. _root.GetSection("Cards").GetChildren().Select(card => card.Value).OfType<string>()];
        foreach (IConfigurationSection card in _root.GetSection("Queues").GetChildren().Select(queue => queue.GetSection("Witness:Card")))
        {
            if (card.Value is { Length: > 0 } name && !cards.Contains(name, StringComparer.Ordinal))
            {
                errors.Add(card.Path, $"is {ScalarSchema.Quote(name)}, which {_root.Path}:Cards does not have. Cards: "
                    + $"{string.Join(", ", cards.DefaultIfEmpty("none"))}.");
            }
        }
    }

    /// <summary>Checks the files of trusted keys, and the schemas that adapters store in queues that require signatures.</summary>
    private void CheckSignatures()
    {
        foreach (IConfigurationSection rule in _root.GetSection("Queues").GetChildren()
            .Select(queue => queue.GetSection(SignatureRules.Setting)).Where(rule => !string.IsNullOrEmpty(rule.Value)))
        {
            string queue = rule.Path.Split(':')[^2];
            if (queue == HostConfiguration.DeadLetters)
            {
                errors.Add(rule.Path, "is set, but this queue contains the refused messages. Remove this key.");
            }

            try
            {
                _ = EsfTrustedKeys.Load(rule.Value!);
            }
            catch (Exception refused) when (refused is EstreamException or ArgumentException)
            {
                errors.Add(rule.Path, $"cannot be used: {refused.Message}");
            }

            foreach (IConfigurationSection mapping in _root.GetSection("Adapters").GetChildren()
                .SelectMany(adapter => adapter.GetSection("Mappings").GetChildren()).Where(mapping => mapping["Queue"] == queue))
            {
                CheckSigned(mapping, rule.Path);
            }
        }
    }

    private void CheckSigned(IConfigurationSection mapping, string rule)
    {
        if (mapping["Payload"] == "raw")
        {
            errors.Add(mapping.GetSection("Payload").Path, $"is \"raw\", but {rule} requires signatures, which only JSON contains.");
        }

        if (mapping["ReceivedAt"] is { Length: > 0 })
        {
            errors.Add(mapping.GetSection("ReceivedAt").Path,
                $"adds the arrival time, but {rule} requires signatures, and the sender has not signed the time. Remove the key or the "
                + "rule.");
        }

        if (mapping["Schema"] is { Length: > 0 } schema && schemas.WhyNotSigned(schema, CapturesOf(mapping["Topic"] ?? "")) is { } reason)
        {
            errors.Add(mapping.GetSection("Schema").Path, $"is {ScalarSchema.Quote(schema)}, but {rule} requires signatures, and {reason}");
        }
    }

    /// <summary>Checks a host with the role auto: acknowledged messages must be on another machine, and nothing may depend on a
    /// position that only one host knows.</summary>
    private void CheckTurns()
    {
        IConfigurationSection section = _root.GetSection(ReplicationSection.Key);
        if (!ReplicationSection.IsAuto(section))
        {
            return;
        }

        foreach (string queue in ReplicationSection.NamesIn(section, "Publish"))
        {
            IConfigurationSection durability = _root.GetSection("Queues").GetSection(queue).GetSection(QueueDurability.Key);
            if (durability.Value is { Length: > 0 } name && !QueueDurability.NeedsBrokers(name))
            {
                errors.Add(durability.Path, $"is {name}, but must be Quorum or QuorumAndFlush, because Replication:Role is auto: otherwise "
                    + "a takeover could lose acknowledged messages. Remove this key to use the default.");
            }
        }

        foreach (IConfigurationSection adapter in _root.GetSection("Adapters").GetChildren()
            .Where(adapter => adapter.GetSection("Egress").GetChildren().Any()))
        {
            errors.Add(adapter.GetSection("Egress").Path, "is set, but Replication:Role is auto. The position of an egress is not "
                + "replicated, so a takeover would send all messages again. Remove Egress, or send from a host that follows the queue.");
        }

        if (bool.TryParse(_root.GetSection("Gateway")["Standby"], out bool hasStandby) && hasStandby)
        {
            errors.Add(section.GetSection("Role").Path, "is auto, and Gateway:Standby is true. Choose one of them.");
        }
    }

    /// <summary>Checks that no configured queue has the name of an attestation queue.</summary>
    private void CheckAttestations()
    {
        IConfigurationSection queues = _root.GetSection("Queues");
        foreach (IConfigurationSection queue in queues.GetChildren().Where(queue => queue.GetSection("Witness").GetChildren().Any()))
        {
            string attestations = queue.Key + QueueWitness.DirectoryEnding;
            if (_queues.Contains(attestations))
            {
                errors.Add($"{queues.Path}:{attestations}",
                    $"has the name of the attestation queue of {ScalarSchema.Quote(queue.Key)}, which is witnessed. Choose another name.");
            }
        }
    }

    private void CheckWorkspace(IConfigurationSection component)
    {
        if (component.Value is { Length: > 0 } name && string.IsNullOrEmpty(_root["Components:Workspace"]))
        {
            errors.Add(component.Path,
                $"is {ScalarSchema.Quote(name)}, but no component workspace is configured. Set {_root.Path}:Components:Workspace to the "
                + "folder with estream-workspace.lock.");
        }
    }

    /// <summary>Checks that the longest packet fits into a dead letter, because a packet that does not match its schema is stored
    /// whole.</summary>
    private void CheckDeadLetters(IConfigurationSection adapter)
    {
        string? type = adapter[VariantSchema.TypeKey];
        if (Hl7SettingSchemas.Has(type) || FhirSettingSchemas.Has(type) || Iso20022Schemas.Has(type))
        {
            // Not checked: dead letters of HL7, FHIR and ISO 20022 contain no payload.
            return;
        }

        if (FixSchemas.Has(type))
        {
            foreach (IConfigurationSection session in adapter.GetSection("Sessions").GetChildren())
            {
                CheckDeadLetters(session.GetSection("MaxMessageBytes"), FixSchemas.DefaultMessageBytes);
            }
        }
        else if (type is not (ModbusPollerFactory.Type or ModbusServerFactory.Type or Dnp3SettingSchemas.MasterType
                or OpcUaSettingSchemas.ClientType)
            && string.IsNullOrEmpty(adapter[AdapterPlan.ComponentSetting]))
        {
            // Not checked: the payloads of Modbus and DNP3 have at most 300 bytes. The maximum message length of a component is known only
            // to the component.
            CheckDeadLetters(adapter.GetSection("MaxPacketBytes"), DefaultPacketBytes);
        }
    }

    private void CheckDeadLetters(IConfigurationSection longest, long fallback)
    {
        long segment = NumberOf(_root.GetSection($"Queues:{HostConfiguration.DeadLetters}:SegmentBytes"), new QueueOptions().SegmentBytes);
        long packet = NumberOf(longest, fallback);
        if (packet + DeadLetterReserve > segment)
        {
            errors.Add(
                longest.Path,
                $"is {packet}, but a packet of this size does not fit into a segment of the dead letters. Write at most "
                + $"{Math.Max(0, segment - DeadLetterReserve)}, "
                + $"or set {_root.Path}:Queues:{HostConfiguration.DeadLetters}:SegmentBytes to at least "
                + $"{BitOperations.RoundUpToPowerOf2((ulong)(packet + DeadLetterReserve))}.");
        }
    }

    private static long NumberOf(IConfigurationSection setting, long fallback) =>
        long.TryParse(setting.Value, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : fallback;

    /// <summary>The names between braces in <c>devices/{device_id}/telemetry</c>.</summary>
    internal static IEnumerable<string> CapturesOf(string topic) =>
        topic.Split('/').Where(level => level.Length > 2 && level[0] == '{' && level[^1] == '}').Select(level => level[1..^1]);

    private void CheckMapping(IConfigurationSection mapping)
    {
        CheckQueue(mapping.GetSection("Queue"));
        if (mapping["Queue"] == HostConfiguration.DeadLetters)
        {
            errors.Add(mapping.GetSection("Queue").Path,
                $"is \"{HostConfiguration.DeadLetters}\", which is reserved for messages that match no schema. Name another queue.");
        }

        CheckSchema(mapping.GetSection("Schema"));
        CheckPrivacy(mapping.GetSection("Schema"));
        CheckSubLexes(mapping);
        CheckCaptures(mapping);
    }

    /// <summary>Checks that the keys for private fields and the vault for tokenized fields are configured, because such fields are never
    /// stored as plaintext.</summary>
    private void CheckPrivacy(IConfigurationSection setting)
    {
        if (setting.Value is { Length: > 0 } name && schemas.AudiencesOf(name) is { Count: > 0 } audiences
            && string.IsNullOrEmpty(_root["Privacy:Keys"]))
        {
            errors.Add(setting.Path,
                $"is {ScalarSchema.Quote(name)}, which has private fields, and they are never stored as plaintext. Set "
                + $"{_root.Path}:Privacy:Keys to a folder with the public keys of their audiences: "
                + $"{string.Join(", ", audiences.Select(audience => audience + ".pub.pem"))}.");
        }

        if (setting.Value is { Length: > 0 } paid && schemas.HasTokenizedFields(paid)
            && string.IsNullOrEmpty(_root["Privacy:Vault:Directory"]))
        {
            errors.Add(setting.Path,
                $"is {ScalarSchema.Quote(paid)}, which has tokenized fields, and card numbers are never stored. Set "
                + $"{_root.Path}:Privacy:Vault:Directory and KeyFile to a card vault.");
        }
    }

    /// <summary>Checks that each sub-lex of a mapping's schema has a queue, and that no mapping stores messages in that queue.</summary>
    private void CheckSubLexes(IConfigurationSection mapping)
    {
        IReadOnlyCollection<string> names = mapping["Schema"] is { } schema ? schemas.SubLexesOf(schema) : [];
        IConfigurationSection section = mapping.GetSection("SubLexes");
        foreach (string missing in names.Where(name => string.IsNullOrEmpty(section[name])))
        {
            errors.Add($"{section.Path}:{missing}",
                $"is missing: {mapping["Schema"]} stores private fields in the sub-lex {ScalarSchema.Quote(missing)}, separate from its "
                + "messages. Without a queue they would be lost. Name a queue for the sub-lex.");
        }

        foreach (IConfigurationSection setting in section.GetChildren())
        {
            if (!names.Contains(setting.Key))
            {
                errors.Add(setting.Path,
                    $"is a sub-lex that {mapping["Schema"]} does not have.{Suggestion.For(setting.Key, names)} Sub-lexes: "
                    + $"{string.Join(", ", names.DefaultIfEmpty("none"))}.");
            }

            CheckQueue(setting);
            if (setting.Value == HostConfiguration.DeadLetters || MappedQueues().Contains(setting.Value))
            {
                errors.Add(setting.Path,
                    $"names the queue {ScalarSchema.Quote(setting.Value!)}, which also takes messages. A sub-lex needs its own queue. Name "
                    + "another queue.");
            }
        }
    }

    private IEnumerable<string?> MappedQueues() =>
        _root.GetSection("Adapters").GetChildren().SelectMany(adapter => adapter.GetSection("Mappings").GetChildren())
            .Select(mapping => mapping["Queue"]);

    /// <summary>Checks that the schema has every field named by a mapping or an egress: in braces in its topic, or as the value of its key
    /// Field or ReceivedAt.</summary>
    private void CheckCaptures(IConfigurationSection mapping)
    {
        if (mapping["Schema"] is not { } schema || schemas.FieldsOf(schema) is not { } fields)
        {
            return;
        }

        foreach (string capture in CapturesOf(mapping["Topic"] ?? ""))
        {
            CheckField(mapping.GetSection("Topic"), capture, schema, fields);
        }

        foreach (string key in (string[])["Field", "ReceivedAt"])
        {
            if (mapping[key] is { Length: > 0 } field)
            {
                CheckField(mapping.GetSection(key), field, schema, fields);
            }
        }
    }

    private void CheckQueue(IConfigurationSection setting)
    {
        if (setting.Value is { Length: > 0 } name && !_queues.Contains(name))
        {
            errors.Add(setting.Path, _queues.WhyNot(name));
        }
    }

    private void CheckSchema(IConfigurationSection setting)
    {
        if (setting.Value is { Length: > 0 } declared && schemas.WhyNotInQueues(declared) is { } reason)
        {
            errors.Add(setting.Path, reason);
        }

        if (setting.Value is { Length: > 0 } name && schemas.FieldsOf(name) is null)
        {
            errors.Add(setting.Path,
                $"names the schema {ScalarSchema.Quote(name)}, which is neither built in nor in a file of "
                + $"{EstreamSettingsSchema.SectionName}:Schemas.{Suggestion.For(name, schemas.Names)} Schemas: "
                + $"{string.Join(", ", schemas.Names.Order(StringComparer.Ordinal))}.");
        }
    }

    private void CheckKey(IConfigurationSection map)
    {
        if (map["Schema"] is not { } schema || map["Key"] is not { } key || schemas.FieldsOf(schema) is not { } fields)
        {
            return;
        }

        IConfigurationSection setting = map.GetSection("Key");
        if (!fields.Contains(key, StringComparer.Ordinal))
        {
            CheckField(setting, key, schema, fields);
        }
        else if (schemas.WhyNotKey(schema, key) is { } reason)
        {
            errors.Add(setting.Path, $"cannot be the field {ScalarSchema.Quote(key)} of {schema}: {reason}");
        }
    }

    private void CheckField(IConfigurationSection setting, string field, string schema, IReadOnlyCollection<string> fields)
    {
        if (!fields.Contains(field, StringComparer.Ordinal))
        {
            errors.Add(setting.Path,
                $"names the field {ScalarSchema.Quote(field)}, which {schema} does not have.{Suggestion.For(field, fields)} Fields: "
                + $"{string.Join(", ", fields)}.");
        }
    }
}
