using Estream.Esf;

namespace Estream.Wire.Dnp3;

/// <summary>The schemas of the messages of the adapter, in namespace estream.dnp3. Thread-safe.</summary>
public static class Dnp3Schemas
{
    internal const string Value = "Dnp3Value";
    internal const string Command = "Dnp3Command";
    internal const string CommandResult = "Dnp3CommandResult";
    internal const string DeviceEvent = "Dnp3DeviceEvent";

    /// <summary>The schemas whose messages the adapter stores.</summary>
    internal static readonly string[] Mapped = [Value, CommandResult, DeviceEvent];

    private const string SchemaFile = "dnp3.esf.yaml";

    private static readonly Lazy<EsfSchemaSet> s_own = new(Read);

    /// <summary>Dnp3Value, Dnp3Command, Dnp3CommandResult and Dnp3DeviceEvent.</summary>
    public static EsfSchemaSet Own => s_own.Value;

    private static EsfSchemaSet Read()
    {
        using Stream stream = typeof(Dnp3Schemas).Assembly.GetManifestResourceStream(SchemaFile)
            ?? throw new InvalidOperationException($"The assembly does not contain {SchemaFile}.");
        using StreamReader reader = new(stream);
        return EsfSchemaSet.Parse(new EsfSchemaFile(SchemaFile, reader.ReadToEnd()));
    }
}
