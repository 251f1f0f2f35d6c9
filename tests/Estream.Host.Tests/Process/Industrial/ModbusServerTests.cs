using System.Globalization;
using System.Text.Json;
using Estream.Core;
using Estream.Esf;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire.Modbus;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: a master reads the map of a host as registers, and loses no write that the host has acknowledged. Method: values
/// arrive over MQTT, a client of the library is the master, and the host is killed with SIGKILL under writes.</summary>
[Collection(ProcessCollection.Name)]
public sealed class ModbusServerTests : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly int _port = FreePort.Next();

    private string Data => _folder.Combine("data");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Master_reads_the_value_of_a_map_and_its_write_is_stored()
    {
        string config = WriteConfig();
        using HostProcess host = HostProcess.Start(Data, configFile: config).WaitUntilReady();
        await using ModbusClient master = await ConnectAsync();
        ModbusResult empty = await master.ReadRegistersAsync(1, ModbusFunctionCode.ReadInputRegisters, 2, new ushort[2]);
        Assert.Equal(ModbusExceptionCode.GatewayTargetFailedToRespond, empty.Exception);
        Publish(host, "boiler", 21.5);
        ushort[] registers = new ushort[2];
        Eventually.True(
            () => master.ReadRegistersAsync(1, ModbusFunctionCode.ReadInputRegisters, 2, registers).AsTask().GetAwaiter().GetResult().IsOk,
            "the value is served");
        Assert.Equal([0x41AC, 0], registers);
        Assert.True((await master.WriteRegistersAsync(1, 0, new ushort[] { 250 })).IsOk);
        Assert.Equal([250UL], Written());
        Assert.Contains("estream_modbus_served_requests_total{adapter=\"scada\"}", host.Get("/metrics"), StringComparison.Ordinal);
        Assert.Equal(0, host.Stop().ExitCode);
    }

    [Fact]
    public async Task Master_reads_the_value_of_a_map_that_a_pipeline_writes()
    {
        string pipeline = _folder.Combine("newest.pipeline.yaml");
        File.WriteAllText(pipeline, """
            version: "1.0"
            pipelines:
              newest:
                from: { queue: readings, schema: ModbusValue }
                to: { map: newest, key: point }
            """);
        string config = WriteConfig("\"Map\":\"newest\"", $"\"Pipelines\":[{JsonSerializer.Serialize(pipeline)}],");
        using HostProcess host = HostProcess.Start(Data, configFile: config).WaitUntilReady();
        await using ModbusClient master = await ConnectAsync();
        Publish(host, "boiler", 21.5);
        ushort[] registers = new ushort[2];
        Eventually.True(
            () => master.ReadRegistersAsync(1, ModbusFunctionCode.ReadInputRegisters, 2, registers).AsTask().GetAwaiter().GetResult().IsOk,
            "the value is served");
        Assert.Equal([0x41AC, 0], registers);
        Assert.Equal(0, host.Stop().ExitCode);
    }

    [Fact]
    public async Task Kill_9_loses_no_acknowledged_write()
    {
        string config = WriteConfig();
        int kills = LongRun.Count(2, 100);
        List<ulong> acknowledged = [];
        ushort next = 0;
        for (int killed = 0; killed < kills; killed++)
        {
            using HostProcess host = HostProcess.Start(Data, configFile: config).WaitUntilReady();
            await using ModbusClient master = await ConnectAsync();
            int before = acknowledged.Count;
            Task load = Task.Run(async () =>
            {
                while ((await master.WriteRegistersAsync(1, 0, new[] { ++next })).IsOk)
                {
                    lock (acknowledged)
                    {
                        acknowledged.Add(next);
                    }
                }
            });
            Eventually.True(() => Count(acknowledged) > before + 50, "writes are acknowledged");
            host.Kill();
            await load;
        }

        Assert.Empty(acknowledged.Except(Written()));
        Assert.True(acknowledged.Count > 50 * kills);
    }

    [Theory]
    [InlineData("\"Map\":\"none\"", "which is not a map. The maps are: latest")]
    [InlineData("\"Map\":\"latest\",\"Address\":\"0.0.0.0\"", "Modbus has no login")]
    public void An_error_in_the_settings_is_reported_before_anything_is_opened(string settings, string error)
    {
        using HostProcess host = HostProcess.Start(Data, configFile: WriteConfig(settings));
        ProcessResult end = host.Process.WaitForExit();
        Assert.Equal(2, end.ExitCode);
        Assert.Contains(error, end.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Data));
    }

    private static int Count(List<ulong> list)
    {
        lock (list)
        {
            return list.Count;
        }
    }

    private static void Publish(HostProcess host, string point, double value) => ChildProcess.Run(
        Peer.Require("mosquitto_pub", "mosquitto-clients"),
        ["-V", "5", "-p", host.MqttPort.ToString(CultureInfo.InvariantCulture), "-q", "1", "-t", $"values/d/{point}", "-m",
            string.Create(CultureInfo.InvariantCulture, $$"""{"value":{{value}},"unit_id":1,"read_at":1}""")]).EnsureSuccess();

    private Task<ModbusClient> ConnectAsync() =>
        ModbusClient.ConnectAsync(new ModbusClientOptions { Port = _port, TimeoutMs = 20_000 });

    /// <summary>The unsigned values of the stored writes, in order.</summary>
    private List<ulong> Written()
    {
        Assert.True(ModbusSchemas.Own.TryGet("ModbusWrite", out EsfSchema? schema));
        Assert.True(schema.TryGetField("unsigned", out EsfField? field));
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(Path.Combine(Data, "queues", "commands"));
        using QueueTailer tailer = queue.CreateTailer();
        List<ulong> values = [];
        while (tailer.TryRead(out QueueMessage message))
        {
            Assert.True(field.TryGetUInt64(message.Payload, out ulong value));
            values.Add(value);
        }

        return values;
    }

    private string WriteConfig(string settings = "\"Map\":\"latest\"", string sections = "")
    {
        string file = _folder.Combine("estream.json");
        File.WriteAllText(file, $$$$$"""
            {"Estream":{{{{{{sections}}}}}
              "Queues":{"readings":{},"commands":{}},
              "Maps":{"latest":{"Queue":"readings","Schema":"ModbusValue","Key":"point"}},
              "Adapters":{
               "panel":{"Type":"mqtt-endpoint",
                "Mappings":[{"Topic":"values/{device_id}/{point}","Schema":"ModbusValue","Queue":"readings"}]},
               "scada":{"Type":"modbus-server","Port":{{{{{_port}}}}},{{{{{settings}}}}},
                "Units":[{"Name":"plant","Points":[
                 {"Name":"boiler","Table":"input","Address":2,"Type":"float32"},
                 {"Name":"setpoint","Writable":true}]}],
                "Mappings":[{"Schema":"ModbusWrite","Queue":"commands"}]}}}}
            """);
        return file;
    }
}
