using Estream.Esf;

namespace Estream.Wire.Modbus;

/// <summary>The schemas of the adapters, in addition to those of the pack esf-industrial. Thread-safe.</summary>
public static class ModbusSchemas
{
    internal const string ReadResponse = "ModbusReadResponse";
    internal const string WriteResponse = "ModbusWriteResponse";
    internal const string Event = "ModbusEvent";
    internal const string Value = "ModbusValue";
    internal const string Write = "ModbusWrite";

    private const string FileName = "modbus-points.esf.yaml";

    private static readonly Lazy<EsfSchemaSet> s_own = new(Load);

    /// <summary>The schemas ModbusValue and ModbusWrite, in namespace estream.modbus.</summary>
    public static EsfSchemaSet Own => s_own.Value;

    private static EsfSchemaSet Load()
    {
        using Stream stream = typeof(ModbusSchemas).Assembly.GetManifestResourceStream(FileName)
            ?? throw new InvalidOperationException($"The assembly does not contain {FileName}.");
        using StreamReader reader = new(stream);
        return EsfSchemaSet.Parse(new EsfSchemaFile(FileName, reader.ReadToEnd()));
    }
}
