using Estream.Esf;
using Estream.Wire.Settings;

namespace Estream.Wire.Modbus.Server;

/// <summary>The settings of a master that is served.</summary>
internal sealed record MasterSettings : ISettingSource<WirePeer>
{
    [Setting("DNS name in the certificate of the master")]
    public required string CertificateName { get; init; }

    [Setting("names of the units that the master may use", Max = 1_000, Default = "all")]
    public IReadOnlyList<string> Units { get; init; } = [];

    public WirePeer ToOption() => new(CertificateName) { Allowed = Units };
}

/// <summary>The settings of the queue for writes.</summary>
/// <param name="Schema">The schema of the writes.</param>
/// <param name="Queue">The queue.</param>
internal sealed record WriteMapping(
    [property: Setting("`ModbusWrite`", Words = [ModbusSchemas.Write])] EsfSchema Schema,
    [property: Setting("queue of the writes", Text = SettingText.Queue)] string Queue) : ISettingSource<ModbusMapping>
{
    public ModbusMapping ToOption() => new(Schema, Queue);
}

/// <summary>The settings of a point that is served.</summary>
internal sealed record ServedPointSettings : ISettingSource<ModbusServedPoint>
{
    [Setting("", IsInline = true, Without = ["UnitOfMeasurement", "EveryMs", "ReportChanges"])]
    public required ModbusPointOptions Point { get; init; }

    [Setting("key in the map", Default = "`Name`")]
    public string? Key { get; init; }

    [Setting("message field that contains the value", Default = "`value`; `text` for type `text`")]
    public string? Field { get; init; }

    [Setting("maximum age of the value; 0: no limit", Max = SettingLimits.DayMs, Unit = SettingUnit.Milliseconds,
        Default = "`MaxAgeMs` of the adapter")]
    public int? MaxAgeMs { get; init; }

    public ModbusServedPoint ToOption() =>
        new(Point, Key ?? Point.Name, Field ?? (Point.Type == PointType.Text ? "text" : "value")) { MaxAgeMs = MaxAgeMs };
}
