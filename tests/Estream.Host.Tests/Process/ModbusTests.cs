using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Estream.Core;
using Estream.Esf;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire.Modbus;
using Estream.Wire.Modbus.Tests.Rig;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: a host with a Modbus adapter stores the values of a device of another implementation, and writes what the messages of a
/// queue ask for. Method: pymodbus is the device, and mosquitto_pub sends the requests to write to the MQTT endpoint of the same
/// host.</summary>
[Collection(ProcessCollection.Name)]
public sealed class ModbusTests : IDisposable
{
    private const string Point = """
        {"Name":"level","Address":10,"Scale":0.5,"Offset":1,"UnitOfMeasurement":"m","EveryMs":50}
        """;

    private const string Writable = """
        {"Name":"speed","Address":20,"Type":"float32","Order":"CDAB","EveryMs":50,"Writable":true}
        """;

    private readonly TempDirectory _folder = new();

    private string Data => _folder.Combine("data");

    public void Dispose() => _folder.Dispose();

    [PeerFact(PymodbusServer.File, PymodbusServer.Package)]
    public void Values_of_a_device_are_stored_and_shown()
    {
        using PymodbusServer device = PymodbusServer.StartTcp();
        using HostProcess host = HostProcess.Start(Data, configFile: WriteConfig(device.Port)).WaitUntilReady();

        Eventually.True(() => Readings(host).Contains("level", StringComparison.Ordinal), "a value is in the queue");
        Eventually.True(() => host.Get("/api/maps/latest").Contains("\"level\"", StringComparison.Ordinal), "a value is in the map");
        using JsonDocument value = JsonDocument.Parse(host.Get("/api/maps/latest/level"));
        string metrics = host.Get("/metrics");

        Assert.Contains("\"value\":36", value.RootElement.GetRawText(), StringComparison.Ordinal);
        Assert.Contains("\"unit\":\"m\"", value.RootElement.GetRawText(), StringComparison.Ordinal);
        Assert.Contains("estream_modbus_polls_total{adapter=\"plant\",device=\"plc\"}", metrics, StringComparison.Ordinal);
        Assert.Contains("modbus-client", host.Get("/api/overview"), StringComparison.Ordinal);
        Assert.Equal(0, host.Stop().ExitCode);
    }

    [PeerFact(PymodbusServer.File, PymodbusServer.Package)]
    public async Task A_message_of_a_queue_is_written_to_the_device_once()
    {
        using PymodbusServer device = PymodbusServer.StartTcp();
        string config = WriteConfig(device.Port);
        using (HostProcess host = HostProcess.Start(Data, configFile: config).WaitUntilReady())
        {
            Command(host, "speed", 1.5);
            Eventually.True(() => Written().Length > 0, "the response of the device is stored");
            Eventually.True(() => Readings(host).Contains("\"value\":1.5", StringComparison.Ordinal), "the poll reads the written value");
            Assert.Equal(0, host.Stop().ExitCode);
        }

        using HostProcess again = HostProcess.Start(Data, configFile: config).WaitUntilReady();
        Command(again, "speed", 3.5);
        Command(again, "speed", 2.5);
        Eventually.True(() => Written() is [.., 2.5f], "the last message is written");
        Assert.Equal(0, again.Stop().ExitCode);

        // Messages are written in their order, so one that is written twice would be in front of the last.
        Assert.Equal([1.5f, 3.5f, 2.5f], Written());

        // Another client sees the registers: 2.5 is 0x40200000, and the low word comes first.
        await using ModbusClient client =
            await ModbusClient.ConnectAsync(new ModbusClientOptions { Port = device.Port, TimeoutMs = 20_000 });
        ushort[] registers = new ushort[2];
        Assert.True((await client.ReadRegistersAsync(1, ModbusFunctionCode.ReadHoldingRegisters, 20, registers)).IsOk);
        Assert.Equal([0x0000, 0x4020], registers);
    }

    [PeerFact(PymodbusServer.File, PymodbusServer.Package)]
    public void A_message_that_names_a_point_that_is_not_writable_is_skipped_and_reported()
    {
        using PymodbusServer device = PymodbusServer.StartTcp();
        using HostProcess host = HostProcess.Start(Data, configFile: WriteConfig(device.Port)).WaitUntilReady();

        Command(host, "level", 1);
        Command(host, "speed", 1.5);
        Eventually.True(() => Written().Length > 0, "the next message is written");

        Assert.Contains(
            "estream_egress_refused_total{adapter=\"plant\",queue=\"commands\"} 1", host.Get("/metrics"), StringComparison.Ordinal);
        Assert.Contains("has no writable point", host.Stop().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_that_cannot_be_reached_makes_the_adapter_unhealthy_with_its_address()
    {
        int port = FreePort.Next();
        using HostProcess host = HostProcess.Start(Data, configFile: WriteConfig(port));

        Eventually.True(() => IsUnhealthy(host, $"No device is connected; 127.0.0.1:{port}"), "the health names the device");
        Assert.Equal(0, host.Stop().ExitCode);
    }

    [Theory]
    [InlineData("""{"Name":"p","Table":"input","Writable":true}""", "Writable in a table that can only be read")]
    [InlineData("""{"Name":"p","Type":"float"}""", "Points:0:Type")]
    [InlineData("""{"Name":"p","Scale":"ten"}""", "a number, such as 0.1")]
    public void An_error_in_a_point_is_reported_before_anything_is_opened(string point, string error)
    {
        using HostProcess host = HostProcess.Start(Data, configFile: WriteConfig(502, point));

        ProcessResult end = host.Process.WaitForExit();
        Assert.Equal(2, end.ExitCode);
        Assert.Contains("Estream:Adapters:plant:Devices", end.Error, StringComparison.Ordinal);
        Assert.Contains(error, end.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Data));
    }

    private static string Readings(HostProcess host) => host.Get("/api/queues/readings/messages?last=20");

    private static bool IsUnhealthy(HostProcess host, string detail)
    {
        try
        {
            return host.Get("/api/overview").Contains(detail, StringComparison.Ordinal);
        }
        catch (HttpRequestException)
        {
            return false;   // The host does not listen yet.
        }
    }

    /// <summary>Sends a ModbusWrite as an operator panel does.</summary>
    private static void Command(HostProcess host, string point, double value)
    {
        long now = SystemClock.Instance.UtcNanos;
        ChildProcess.Run(
            Peer.Require("mosquitto_pub", "mosquitto-clients"),
            ["-V", "5", "-p", host.MqttPort.ToString(CultureInfo.InvariantCulture), "-q", "1", "-t", $"set/plc/{point}",
                "-m", string.Create(CultureInfo.InvariantCulture, $$"""{"value":{{value}},"requested_at":{{now}}}""")])
            .EnsureSuccess();
    }

    /// <summary>The values of all stored writes of the point speed, in order.</summary>
    private float[] Written()
    {
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(Path.Combine(Data, "queues", "writes"));
        using QueueTailer tailer = queue.CreateTailer();
        List<float> values = [];
        while (tailer.TryRead(out QueueMessage message))
        {
            Assert.True(ModbusSchemas.Own.TryGet(message.Payload, out EsfSchema? schema));
            ArrayBufferWriter<byte> json = new();
            EsfJson.WriteJson(schema, message.Payload, json);
            using JsonDocument response = JsonDocument.Parse(json.WrittenMemory);
            int[] words = [.. response.RootElement.GetProperty("registers").EnumerateArray().Select(word => word.GetInt32())];
            values.Add(BitConverter.Int32BitsToSingle((words[1] << 16) | words[0]));
        }

        return [.. values];
    }

    private string WriteConfig(int port, string? point = null)
    {
        string file = _folder.Combine("estream.json");
        string points = point ?? $"{Point},{Writable}";
        File.WriteAllText(file, $$$$$"""
            {"Estream":{
              "Queues":{"readings":{},"commands":{},"writes":{}},
              "Maps":{"latest":{"Queue":"readings","Schema":"ModbusValue","Key":"point"}},
              "Adapters":{
               "panel":{"Type":"mqtt-endpoint",
                "Mappings":[{"Topic":"set/{device_id}/{point}","Schema":"ModbusWrite","Queue":"commands"}]},
               "plant":{"Type":"modbus-client","MaxWriteAgeMs":0,"Reconnect":{"MaxMs":500},
                "Devices":[{"Name":"plc","Host":"127.0.0.1","Port":{{{{{port}}}}},"TimeoutMs":20000,"Points":[{{{{{points}}}}}]}],
                "Mappings":[{"Schema":"ModbusValue","Queue":"readings"},{"Schema":"ModbusWriteResponse","Queue":"writes"}],
                "Egress":[{"Queue":"commands","Schema":"ModbusWrite"}]}}}}
            """);
        return file;
    }
}
