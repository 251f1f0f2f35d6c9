using System.Text.Json;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire.OpcUa.Tests.Rig;

namespace Estream.Wire.OpcUa.Tests.Adapter;

/// <summary>Goal: a write is performed once, in the type of the node, and its outcome is known.</summary>
public sealed class WriteTests
{
    [Theory]
    [InlineData("""{"server":"line","item":"Other","value":1,"requested_at":NOW}""", "no writable item")]
    [InlineData("""{"server":"line","item":"Speed","value":1,"requested_at":1}""", "expired")]
    [InlineData("""{"server":"line","item":"Speed","value":1,"signed":1,"requested_at":NOW}""", "2 values")]
    [InlineData("""{"server":"line","item":"Speed","text":"x","requested_at":NOW}""", "does not fit")]
    [InlineData("""{"server":"line","item":"Small","unsigned":300,"requested_at":NOW}""", "does not fit")]
    [InlineData("""{"server":"line","item":"Small","value":1.5,"requested_at":NOW}""", "does not fit")]
    [InlineData("""{"server":"line","item":"Fixed","value":2,"requested_at":NOW}""", "BadNotWritable")]
    public async Task A_write_that_cannot_be_performed_is_refused(string write, string reason)
    {
        await using OpcUaSimulator simulator = Start();
        await using AdapterRig rig = Connect(simulator);
        EmitStatus status = await rig.WriteAsync(write);
        Assert.Equal(EmitCode.Refused, status.Code);
        Assert.Contains(reason, status.Detail, StringComparison.Ordinal);
        Assert.Equal(new UaVariant(UaType.Byte, (byte)1), simulator.GetValue("Small"));
    }

    [Theory]
    [InlineData("Speed", """ "value":1.5 """, UaType.Double, 1.5)]
    [InlineData("Small", """ "unsigned":255 """, UaType.Byte, (byte)255)]
    [InlineData("Small", """ "value":7 """, UaType.Byte, (byte)7)]
    [InlineData("Name", """ "text":"näme" """, UaType.String, "näme")]
    public async Task A_write_has_the_type_of_the_node_and_is_recorded(string item, string value, UaType type, object expected)
    {
        await using OpcUaSimulator simulator = Start();
        await using AdapterRig rig = Connect(simulator);
        string write = "{\"server\":\"line\",\"item\":\"" + item + "\"," + value + ",\"requested_at\":NOW}";
        EmitStatus status = await rig.WriteAsync(write);
        Assert.True(status.IsOk, status.Detail);
        Assert.Equal(new UaVariant(type, expected), simulator.GetValue(item));
        JsonElement written = Assert.Single(rig.Stored("Written"));
        Assert.Equal(item, written.GetProperty("item").GetString());
    }

    [Fact]
    public async Task A_write_is_not_repeated_if_the_flush_of_its_record_fails()
    {
        FailingFlushStorage storage = new();
        await using OpcUaSimulator simulator = Start();
        await using AdapterRig rig = new(AdapterRig.Server(simulator.Url, "Speed"), storage, "OpcUaEvent");
        Eventually.True(() => rig.Adapter.Health.State == HealthState.Healthy, "the adapter is connected");
        long connected = -1;
        using QueueTailer tailer = rig.Records!.CreateTailer();
        Eventually.True(() =>
        {
            bool isStored = tailer.TryRead(out QueueMessage message);
            connected = isStored ? message.Position : -1;
            return isStored;
        }, "the connection is recorded");
        rig.Records.WaitDurable(connected);
        storage.Fails = true;
        const string Write = """{"server":"line","item":"Speed","value":1.5,"requested_at":NOW}""";

        EmitStatus status = await rig.WriteAsync(Write);

        Assert.True(status.IsOk, status.Detail);
        Assert.Contains(rig.Events, one => one.Detail.Contains("is not durable", StringComparison.Ordinal));
        Assert.Equal(EmitCode.Deferred, (await rig.WriteAsync(Write)).Code);
    }

    [Fact]
    public async Task An_item_that_the_server_does_not_have_is_recorded_and_the_others_are_stored()
    {
        await using OpcUaSimulator simulator = Start();
        await using AdapterRig rig = new(AdapterRig.Server(simulator.Url, "Nothing", "Speed"), "OpcUaReading", "OpcUaEvent");
        Eventually.True(() => rig.Values("Speed").Count == 1, "the value is stored");
        Assert.Equal("BadNodeIdUnknown", Assert.Single(rig.Stored("ItemRefused")).GetProperty("reason").GetString());
        Assert.Contains("1 of 2 items", rig.Adapter.Health.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Values_of_every_type_become_messages()
    {
        await using OpcUaSimulator simulator = new();
        (string Name, UaVariant Value)[] all =
        [
            ("Flag", new UaVariant(UaType.Boolean, true)),
            ("Time", new UaVariant(UaType.DateTime, DateTime.UnixEpoch)),
            ("Id", new UaVariant(UaType.Guid, Guid.Empty)),
            ("Node", new UaVariant(UaType.NodeId, UaNodeId.OfText(1, "x"))),
            ("Label", new UaVariant(UaType.LocalizedText, new UaLocalizedText("en", "label"))),
            ("Bytes", new UaVariant(UaType.ByteString, new byte[] { 1, 2 })),
            ("Matrix", new UaVariant(UaType.Int16, new object?[] { (short)1, (short)-2, (short)3, (short)4 }, [2, 2])),
            ("Texts", new UaVariant(UaType.String, new object?[] { "a", null })),
            ("Body", new UaVariant(UaType.ExtensionObject, new UaExtensionObject(new UaNodeId(1, 5u), new byte[] { 9 }, false))),
        ];
        Array.ForEach(all, one => simulator.AddVariable(one.Name, one.Value));
        await using AdapterRig rig = new(AdapterRig.Server(simulator.Url, [.. all.Select(one => one.Name)]), "OpcUaValue");
        Eventually.True(() => rig.Messages().Count == all.Length, "all values are stored");
        Assert.Empty(rig.Letters());
        Dictionary<string, JsonElement> found = rig.Messages().ToDictionary(
            message => message.GetProperty("node").GetProperty("text").GetString()!);
        Assert.True(found["Flag"].GetProperty("value").GetProperty("boolean").GetBoolean());
        Assert.Equal("ns=1;s=x", found["Node"].GetProperty("value").GetProperty("text").GetString());
        Assert.Equal("en", found["Label"].GetProperty("value").GetProperty("locale").GetString());
        Assert.Equal(-2, found["Matrix"].GetProperty("elements")[1].GetProperty("signed").GetInt32());
        Assert.Equal(2, found["Matrix"].GetProperty("dimensions").GetArrayLength());
        Assert.Equal("Int16", found["Matrix"].GetProperty("type").GetString());
    }

    private static OpcUaSimulator Start()
    {
        OpcUaSimulator simulator = new();
        simulator.AddVariable("Speed", new UaVariant(UaType.Double, 0.0), isWritable: true);
        simulator.AddVariable("Small", new UaVariant(UaType.Byte, (byte)1), isWritable: true);
        simulator.AddVariable("Name", new UaVariant(UaType.String, "a"), isWritable: true);
        simulator.AddVariable("Fixed", new UaVariant(UaType.Double, 1.0));
        return simulator;
    }

    private static AdapterRig Connect(OpcUaSimulator simulator)
    {
        AdapterRig rig = new(AdapterRig.Server(simulator.Url, "Speed", "Small", "Name", "Fixed"), "OpcUaReading", "OpcUaEvent");
        Eventually.True(() => rig.Values("Fixed").Count == 1, "the adapter is connected");
        return rig;
    }
}
