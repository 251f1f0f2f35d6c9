using Estream.Esf;

namespace Estream.Wire.Modbus;

/// <summary>The schemas of the messages of the adapter. Thread-safe.</summary>
public static class ModbusSchemas
{
    internal const string ReadResponse = "ModbusReadResponse";
    internal const string WriteResponse = "ModbusWriteResponse";
    internal const string Event = "ModbusEvent";
    internal const string Value = "ModbusValue";
    internal const string Write = "ModbusWrite";

    private const string PointsFile = "modbus-points.esf.yaml";
    private const string IndustrialFile = "industrial.esf.yaml";

    private static readonly Lazy<EsfSchemaSet> s_own = new(Load);

    /// <summary>ModbusValue and ModbusWrite, in namespace estream.modbus, and the pack esf-industrial.</summary>
    public static EsfSchemaSet Own => s_own.Value;

    private static EsfSchemaSet Load() => Read(IndustrialFile).With(Read(PointsFile));

    private static EsfSchemaSet Read(string file)
    {
        using Stream stream = typeof(ModbusSchemas).Assembly.GetManifestResourceStream(file)
            ?? throw new InvalidOperationException($"The assembly does not contain {file}.");
        using StreamReader reader = new(stream);
        return EsfSchemaSet.Parse(new EsfSchemaFile(file, reader.ReadToEnd()));
    }
}
