using Estream.Esf;

namespace Estream.Wire.Modbus;

/// <summary>The schemas of the messages of the adapter. Thread-safe.</summary>
public static class ModbusSchemas
{
    /// <summary>The name of the schema file of the pack esf-industrial.</summary>
    public const string IndustrialFile = "industrial.esf.yaml";

    internal const string ReadResponse = "ModbusReadResponse";
    internal const string WriteResponse = "ModbusWriteResponse";
    internal const string Event = "ModbusEvent";
    internal const string Value = "ModbusValue";
    internal const string Write = "ModbusWrite";

    /// <summary>The schemas whose messages the adapter stores.</summary>
    internal static readonly string[] Mapped = [Value, ReadResponse, WriteResponse, Event];

    private const string PointsFile = "modbus-points.esf.yaml";

    private static readonly Lazy<EsfSchemaSet> s_points = new(() => Read(PointsFile));
    private static readonly Lazy<EsfSchemaSet> s_own = new(() => Read(IndustrialFile).With(Points));

    /// <summary>ModbusValue and ModbusWrite, in namespace estream.modbus. For programs that have the pack esf-industrial already.</summary>
    public static EsfSchemaSet Points => s_points.Value;

    /// <summary>All schemas of the adapter: those of <see cref="Points"/> and of the pack esf-industrial.</summary>
    public static EsfSchemaSet Own => s_own.Value;

    private static EsfSchemaSet Read(string file)
    {
        using Stream stream = typeof(ModbusSchemas).Assembly.GetManifestResourceStream(file)
            ?? throw new InvalidOperationException($"The assembly does not contain {file}.");
        using StreamReader reader = new(stream);
        return EsfSchemaSet.Parse(new EsfSchemaFile(file, reader.ReadToEnd()));
    }
}
