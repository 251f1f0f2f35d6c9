using System.Globalization;
using Estream.Core;
using Estream.Esf;

namespace Estream.Wire.Fix.Internal;

/// <summary>Reads the settings that acceptors and initiators share.</summary>
internal static class FixSettings
{
    private static readonly string[] s_timesOfDay = ["HH:mm", "HH:mm:ss"];

    /// <summary>Reads the shared settings, rejects unknown settings, and validates the resulting options.</summary>
    /// <param name="side">The options of the acceptor or initiator side.</param>
    /// <param name="settings">The settings of the adapter.</param>
    /// <param name="schemas">The schemas that mappings can name.</param>
    /// <param name="queues">The queues that mappings can name.</param>
    /// <exception cref="WireConfigurationException">A setting is missing, unknown or not accepted.</exception>
    public static FixAdapterOptions Complete(FixAdapterOptions side, WireSettings settings, EsfSchemaSet schemas,
        IReadOnlyCollection<string> queues)
    {
        FixAdapterOptions options = side with
        {
            Sessions = Sessions(settings, Protocol(settings)),
            Mappings = Mappings(settings, schemas, queues),
            Egress = Egress(settings, schemas),
            MaxOrders = settings.Number("MaxOrders", side.MaxOrders, 1, 10_000_000),
            Translation = Translation(settings),
        };
        settings.RefuseUnknown();
        return QualifiedKeys.In(settings, () =>
        {
            FixAdapterChecks.Check(options, SystemClock.Instance);
            return options;
        });
    }

    private static FixProtocol Protocol(WireSettings settings)
    {
        string version = settings.Choice("Version", "FIX.4.4", "FIX.4.2", "FIX.4.4", "FIX.5.0", "FIX.5.0SP1", "FIX.5.0SP2");
        if (settings.Text("Dictionary") is { } file)
        {
            return OfDictionary(settings, version, file);
        }

        return version switch
        {
            "FIX.4.2" => FixProtocol.Fix42,
            "FIX.4.4" => FixProtocol.Fix44,
            "FIX.5.0" => FixProtocol.Fix50,
            "FIX.5.0SP1" => FixProtocol.Fix50Sp1,
            _ => FixProtocol.Fix50Sp2,
        };
    }

    public static IReadOnlyList<FixAdapterSession> Sessions(WireSettings settings, FixProtocol protocol)
    {
        return [.. settings.List("Sessions").Select(session => Session(session, protocol))];
    }

    private static IReadOnlyList<FixMapping> Mappings(WireSettings settings, EsfSchemaSet schemas, IReadOnlyCollection<string> queues)
    {
        return [.. settings.List("Mappings").Select(mapping => Mapping(mapping, schemas, queues))];
    }

    private static IReadOnlyList<FixEgress> Egress(WireSettings settings, EsfSchemaSet schemas)
    {
        EsfSchemaSet all = schemas.With(FixTranslator.OwnSchemas);
        return [.. settings.List("Egress").Select(egress => OneEgress(egress, all))];
    }

    private static FixTranslatorOptions Translation(WireSettings settings)
    {
        FixTranslatorOptions defaults = new();
        return new FixTranslatorOptions
        {
            QuantityDecimals = settings.Number("QuantityDecimals", defaults.QuantityDecimals, 0, 18),
            Interval = settings.Text("Interval") ?? defaults.Interval,
            HandlInst = settings.Number("HandlInst", defaults.HandlInst, 1, 3),
            PassingTags = Tags(settings),
        };
    }

    private static FixProtocol OfDictionary(WireSettings settings, string version, string file)
    {
        try
        {
            FixDictionary dictionary = FixDictionary.Load(file);
            return version switch
            {
                "FIX.5.0" => FixProtocol.OverFixt(dictionary, FixProtocol.ApplVerIdOfFix50),
                "FIX.5.0SP1" => FixProtocol.OverFixt(dictionary, FixProtocol.ApplVerIdOfFix50Sp1),
                "FIX.5.0SP2" => FixProtocol.OverFixt(dictionary, FixProtocol.ApplVerIdOfFix50Sp2),
                _ => FixProtocol.Of(dictionary),
            };
        }
        catch (Exception failure) when (failure is FixDictionaryException or IOException or UnauthorizedAccessException
            or ArgumentException)
        {
            throw new WireConfigurationException(settings.KeyOf("Dictionary"), failure.Message, failure);
        }
    }

    private static FixAdapterSession Session(WireSettings settings, FixProtocol protocol)
    {
        FixSessionOptions session = new()
        {
            Protocol = protocol,
            SenderCompId = settings.RequireText("SenderCompId"),
            TargetCompId = settings.RequireText("TargetCompId"),
            ResetOnLogon = settings.Flag("ResetOnLogon", false),
            ResetOnLogout = settings.Flag("ResetOnLogout", false),
            ResetOnDisconnect = settings.Flag("ResetOnDisconnect", false),
        };
        session = session with
        {
            HeartbeatSeconds = settings.Number("HeartbeatSeconds", session.HeartbeatSeconds, 0, 3_600),
            MaxLatencySeconds = settings.Number("MaxLatencySeconds", session.MaxLatencySeconds, 1, 86_400),
            MaxMessageBytes = settings.Number("MaxMessageBytes", session.MaxMessageBytes, 512, 8 * 1024 * 1024),
            MaxResendRequest = settings.Number("MaxResendRequest", session.MaxResendRequest, 0, int.MaxValue),
            SendsLastMsgSeqNumProcessed = settings.Flag("SendsLastMsgSeqNumProcessed", false),
            SendsLogoutOnTimeout = settings.Flag("SendsLogoutOnTimeout", false),
            AllowUserDefinedFields = settings.Flag("AllowUserDefinedFields", false),
            AllowEmptyValues = settings.Flag("AllowEmptyValues", false),
            SendsNextExpectedMsgSeqNum = settings.Flag("SendsNextExpectedMsgSeqNum", false),
            Username = settings.Text("Username"),
            PasswordFile = settings.Text("PasswordFile"),
            PasswordEnv = settings.Text("PasswordEnv"),
            PeerCertificateName = settings.Text("PeerCertificateName"),
            SenderSubId = settings.Text("SenderSubId"),
            SenderLocationId = settings.Text("SenderLocationId"),
            TargetSubId = settings.Text("TargetSubId"),
            TargetLocationId = settings.Text("TargetLocationId"),
            Schedule = Schedule(settings),
        };
        return new FixAdapterSession(session, settings.Text("Journal"))
        {
            JournalKeyFile = settings.Text("JournalKeyFile"),
            JournalPrivateKeyFile = settings.Text("JournalPrivateKeyFile"),
        };
    }

    private static FixSchedule? Schedule(WireSettings settings)
    {
        if (!settings.Has("Schedule"))
        {
            return null;
        }

        WireSettings section = settings.Section("Schedule");
        return new FixSchedule
        {
            Start = TimeOfDay(section, "Start"), End = TimeOfDay(section, "End"), StartDay = Day(section, "StartDay"),
            EndDay = Day(section, "EndDay"),
        };
    }

    private static TimeOnly TimeOfDay(WireSettings settings, string key)
    {
        string text = settings.RequireText(key);
        return TimeOnly.TryParseExact(text, s_timesOfDay, CultureInfo.InvariantCulture, DateTimeStyles.None, out TimeOnly time)
            ? time
            : throw new WireConfigurationException(settings.KeyOf(key),
                $"'{text}' is not accepted; write a time of day in UTC, such as 07:30.");
    }

    private static DayOfWeek? Day(WireSettings settings, string key)
    {
        return settings.Text(key) is null ? null : Enum.Parse<DayOfWeek>(settings.Choice(key, "", Enum.GetNames<DayOfWeek>()));
    }

    private static FixMapping Mapping(WireSettings settings, EsfSchemaSet schemas, IReadOnlyCollection<string> queues)
    {
        string msgType = settings.RequireText("MsgType");
        IReadOnlyList<string> expected = FixTranslator.SchemasOf(msgType);
        if (expected.Count == 0)
        {
            throw new WireConfigurationException(settings.KeyOf("MsgType"),
                $"'{msgType}' is not translated; write {string.Join(" or ", FixTranslator.MsgTypes)}.");
        }

        // Required even for a type with a single schema, so that the configuration shows which queues hold private fields.
        string name = settings.RequireText("Schema");
        if (!schemas.With(FixTranslator.OwnSchemas).TryGet(name, out EsfSchema? schema) || !expected.Contains(schema.QualifiedName))
        {
            throw new WireConfigurationException(settings.KeyOf("Schema"),
                $"'{name}' is not a schema of messages of type {msgType}; write {string.Join(" or ", expected)}.");
        }

        return new FixMapping(msgType, settings.RequireQueue("Queue", queues)) { Schema = schema.QualifiedName };
    }

    private static FixEgress OneEgress(WireSettings settings, EsfSchemaSet schemas)
    {
        // The host reads the queue; this only checks that it is set.
        settings.RequireText("Queue");

        // Accepts the unqualified name too, as mappings do.
        string name = settings.RequireText("Schema");
        if (!schemas.TryGet(name, out EsfSchema? known))
        {
            settings.Text("Keys");
            return new FixEgress(name, settings.RequireText("TargetCompId"));
        }

        return new FixEgress(known.QualifiedName, settings.RequireText("TargetCompId")) { KeyFolder = EgressKeys.Read(settings, known) };
    }

    private static List<int> Tags(WireSettings settings)
    {
        List<int> tags = [];
        foreach (string text in (settings.Text("PassingTags") ?? "").Split(',',
            StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int tag))
            {
                throw new WireConfigurationException(settings.KeyOf("PassingTags"),
                    $"'{text}' is not accepted; write tags separated by commas.");
            }

            tags.Add(tag);
        }

        return tags;
    }
}
