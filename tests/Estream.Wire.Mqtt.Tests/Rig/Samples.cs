namespace Estream.Wire.Mqtt.Tests.Rig;

/// <summary>One reading of one pump: where it is published, what is sent, and what the queue holds then.</summary>
internal static class Samples
{
    public const string Topic = "devices/pump-7/telemetry";
    public const string Json = """{"timestamp":17,"metric_name":"pressure","value":20.5}""";
    public const string Stored = """{"device_id":"pump-7","timestamp":17,"metric_name":"pressure","value":20.5}""";
}
