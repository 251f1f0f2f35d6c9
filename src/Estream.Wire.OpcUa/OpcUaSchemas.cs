using Estream.Esf;

namespace Estream.Wire.OpcUa;

/// <summary>The schemas of the messages of the adapter. Thread-safe.</summary>
public static class OpcUaSchemas
{
    /// <summary>The name of the schema file of the pack esf-industrial.</summary>
    public const string IndustrialFile = "industrial.esf.yaml";

    internal const string Value = "OpcUaValue";
    internal const string Reading = "OpcUaReading";
    internal const string Event = "OpcUaEvent";
    internal const string Write = "OpcUaWrite";

    /// <summary>The schemas whose messages the adapter stores.</summary>
    internal static readonly string[] Mapped = [Reading, Value, Event];

    private const string ItemsFile = "opcua-items.esf.yaml";

    private static readonly Lazy<EsfSchemaSet> s_items = new(() => Read(ItemsFile));
    private static readonly Lazy<EsfSchemaSet> s_own = new(() => Read(IndustrialFile).With(Items));

    /// <summary>OpcUaReading, OpcUaWrite and OpcUaEvent, in namespace estream.opcua. For programs that have the pack esf-industrial
    /// already.</summary>
    public static EsfSchemaSet Items => s_items.Value;

    /// <summary>All schemas of the adapter: those of <see cref="Items"/> and of the pack esf-industrial.</summary>
    public static EsfSchemaSet Own => s_own.Value;

    private static EsfSchemaSet Read(string file)
    {
        using Stream stream = typeof(OpcUaSchemas).Assembly.GetManifestResourceStream(file)
            ?? throw new InvalidOperationException($"The assembly does not contain {file}.");
        using StreamReader reader = new(stream);
        return EsfSchemaSet.Parse(new EsfSchemaFile(file, reader.ReadToEnd()));
    }
}
