using System.Text;
using System.Text.Json;
using Estream.Esf;
using Estream.Host.Tests.Runtime.Reload;
using Estream.Wire;

namespace Estream.Host.Tests.Http;

/// <summary>Messages and requests for tests of the REST interface of a host in this process.</summary>
internal static class ApiRig
{
    /// <summary>Appends telemetry of the devices <c>pump-0</c>, <c>pump-1</c> and so on, whose value is the number of the device.</summary>
    public static void Append(ReloadRig rig, string queue, int count)
    {
        Assert.True(rig.Parts.Sinks.TryGet(queue, out IngressSink? sink));
        sink.Enter();
        try
        {
            for (int i = 0; i < count; i++)
            {
                Assert.True(sink.TryAppend(Telemetry(i), note: null));
            }
        }
        finally
        {
            sink.Exit();
        }
    }

    public static byte[] Telemetry(int device)
    {
        byte[] message = new byte[512];
        Assert.True(EsfSchemaSet.BuiltIn.TryGet("IoTTelemetry", out EsfSchema? schema));
        string json = $$"""{"device_id":"pump-{{device}}","timestamp":1,"metric_name":"m","value":{{device}}}""";
        EsfStatus status = EsfJson.TryEncode(schema, Encoding.UTF8.GetBytes(json), message, out int length);
        Assert.True(status.IsOk, status.ToString());
        return message[..length];
    }

    public static async Task<JsonElement> JsonAsync(HttpClient client, string path) =>
        JsonDocument.Parse(await client.GetStringAsync(path)).RootElement;
}
