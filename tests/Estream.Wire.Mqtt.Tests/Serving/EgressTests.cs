using System.Buffers;
using System.Text;
using Estream.Esf;
using Estream.Queue;
using Estream.Wire.Mqtt.Tests.Rig;
using static Estream.Wire.Mqtt.Tests.Rig.Samples;

namespace Estream.Wire.Mqtt.Tests.Serving;

/// <summary>Messages that the host publishes to the subscribers of an endpoint.</summary>
public class EgressTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Host_message_arrives_as_JSON_on_a_topic_formatted_from_its_fields(int qos)
    {
        MqttEgress egress = new(TopicTemplate.Parse("out/{device_id}", TestQueues.Iot), (MqttQos)qos);
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync(new MqttEndpointOptions { Egress = [egress] });
        using Subscribing client = endpoint.Connect("client");
        client.Subscribe("out/#", qos: 2);
        EgressMessage message = new();

        Assert.True(Translate(endpoint.Adapter, message).IsOk);
        Assert.Equal(EmitStatus.Ok, await endpoint.Adapter.Emit(message, CancellationToken.None));

        Delivered delivered = client.Take();
        Assert.Equal(("out/pump-7", Stored, (MqttQos)qos), (delivered.Topic, delivered.Payload, delivered.Qos));
        Assert.Equal([TestQueues.Iot], endpoint.Adapter.Schemas.Consumed);
        Assert.True(endpoint.Adapter.Descriptor.IsBidirectional);
    }

    [Fact]
    public async Task Emit_succeeds_without_subscribers_and_refuses_an_invalid_message()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        EgressMessage message = new();

        Write(message, "a", "x", quality: 1);
        Assert.Equal(EmitStatus.Ok, await endpoint.Adapter.Emit(message, CancellationToken.None));
        Write(message, "a/#", "x", quality: 1);
        Assert.Equal(EmitCode.Refused, (await endpoint.Adapter.Emit(message, CancellationToken.None)).Code);
        Write(message, "a", "x", quality: 3);
        Assert.Equal(EmitCode.Refused, (await endpoint.Adapter.Emit(message, CancellationToken.None)).Code);
        Write(message, new string('t', 2_000), "x", quality: 0);
        Assert.Equal(EmitCode.Refused, (await endpoint.Adapter.Emit(message, CancellationToken.None)).Code);
        Assert.Equal(TranslateCode.NotMapped, Translate(endpoint.Adapter, message).Code);
        Assert.Equal((1, 3), (endpoint.Adapter.Statistics.EmittedTotal, endpoint.Adapter.Statistics.EmitRefusedTotal));
    }

    [Fact]
    public async Task Emit_refuses_a_payload_too_large_for_the_relay_and_defers_one_on_a_full_disk()
    {
        FullStorage disk = new();
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync(place: new QueueOptions { Storage = disk });
        using Subscribing client = endpoint.Resume("client", receiveMaximum: 1);
        client.Subscribe("a", qos: 1);
        EgressMessage message = new();
        Write(message, "a", new string('x', 10_000_000), quality: 1);
        Assert.Equal(EmitCode.Refused, (await endpoint.Adapter.Emit(message, CancellationToken.None)).Code);

        disk.IsFull = true;
        Write(message, "a", new string('x', 500_000), quality: 1);
        EmitStatus status = EmitStatus.Ok;
        for (int number = 0; number < 40 && status.IsOk; number++)
        {
            status = await endpoint.Adapter.Emit(message, CancellationToken.None);
        }

        Assert.Equal(EmitCode.Deferred, status.Code);
        Assert.Contains("No space is left", status.Detail, StringComparison.Ordinal);
    }

    private static TranslateStatus Translate(MqttEndpoint endpoint, EgressMessage message)
    {
        byte[] bytes = new byte[512];
        Assert.True(EsfJson.TryEncode(TestQueues.Iot, Encoding.UTF8.GetBytes(Stored), bytes, out int length).IsOk);
        return endpoint.TranslateEgress(new EsfMessage(TestQueues.Iot, bytes.AsSpan(0, length)), message);
    }

    private static void Write(EgressMessage message, string topic, string payload, int quality)
    {
        message.Clear();
        message.Topic.Write(Encoding.UTF8.GetBytes(topic));
        message.Payload.Write(Encoding.UTF8.GetBytes(payload));
        message.Quality = quality;
    }
}
