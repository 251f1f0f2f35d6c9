using Estream.Wire.Mqtt.Internal;

namespace Estream.Wire.Mqtt.Tests.Client;

public sealed class OutboundWindowTests : IDisposable
{
    private readonly OutboundWindow _window = new();

    [Fact]
    [Trait("Statement", "MQTT-3.3.4-7")]
    [Trait("Statement", "MQTT-4.3.2-1")]
    [Trait("Statement", "MQTT-4.9.0-1")]
    [Trait("Statement", "MQTT-4.9.0-2")]
    public async Task No_more_messages_are_under_way_than_the_broker_allows()
    {
        // [MQTT-3.3.4-7]
        _window.SetLimit(2);
        OutboundWindow.Pending first = await AddAsync();
        OutboundWindow.Pending second = await AddAsync();
        Task<OutboundWindow.Pending> third = AddAsync();
        Assert.False(third.IsCompleted);

        Assert.True(_window.Complete(first.PacketId, EmitStatus.Ok));

        Assert.Equal(EmitStatus.Ok, await first.Answer.Task);
        Assert.Equal([first.PacketId + 1, first.PacketId + 2], [second.PacketId, (await third).PacketId]);
        Assert.False(_window.Complete(first.PacketId, EmitStatus.Ok));
    }

    [Fact]
    public async Task A_broker_that_allows_fewer_than_are_under_way_costs_the_youngest_their_answer()
    {
        OutboundWindow.Pending[] added = [await AddAsync(), await AddAsync(), await AddAsync()];

        _window.SetLimit(1);

        Assert.False(added[0].Answer.Task.IsCompleted);
        Assert.Equal(EmitCode.NotConnected, (await added[1].Answer.Task).Code);
        Assert.Equal(EmitCode.NotConnected, (await added[2].Answer.Task).Code);
        Task<OutboundWindow.Pending> next = AddAsync();
        Assert.False(next.IsCompleted);
        _window.SetLimit(5);
        await next;
    }

    [Fact]
    [Trait("Statement", "MQTT-3.3.1-1")]
    [Trait("Statement", "MQTT-4.4.0-1")]
    [Trait("Statement", "MQTT-4.6.0-1")]
    [Trait("Statement", "MQTT-4.3.2-3")]
    public async Task Unanswered_messages_come_again_in_their_order_as_duplicates()
    {
        // [MQTT-3.3.1-1] [MQTT-4.4.0-1] [MQTT-4.6.0-1]
        OutboundWindow.Pending[] added = [await AddAsync(), await AddAsync(), await AddAsync()];
        Assert.All(added, pending => Assert.True(_window.TryTake(pending, "first")));
        _window.Complete(added[1].PacketId, EmitStatus.Ok);

        IReadOnlyList<byte[]> again = _window.TakeAll("second");

        Assert.Equal([added[0].Packet, added[2].Packet], again);
        Assert.All(again, packet => Assert.Equal(0x3A, packet[0]));
    }

    [Fact]
    [Trait("Statement", "MQTT-4.4.0-1")]
    [Trait("Statement", "MQTT-4.3.2-2")]
    public async Task A_connection_gets_a_message_once()
    {
        // [MQTT-4.4.0-1]: whether the resumption lists it or its sender writes it.
        OutboundWindow.Pending early = await AddAsync();
        Assert.Equal([early.Packet], _window.TakeAll("first"));
        OutboundWindow.Pending late = await AddAsync();

        Assert.False(_window.TryTake(early, "first"));
        Assert.True(_window.TryTake(late, "first"));
        Assert.False(_window.TryTake(late, "first"));
        Assert.All([early, late], pending => Assert.Equal(0x32, pending.Packet[0]));

        Assert.True(_window.TryTake(late, "second"));
        Assert.Equal(0x3A, late.Packet[0]);
        _window.Complete(early.PacketId, EmitStatus.Ok);
        Assert.False(_window.TryTake(early, "second"));
    }

    [Fact]
    public async Task Closing_answers_everybody_also_those_who_wait_for_room_and_those_who_come_later()
    {
        _window.SetLimit(1);
        OutboundWindow.Pending first = await AddAsync();
        Task<OutboundWindow.Pending>[] waiting = [AddAsync(), AddAsync(), AddAsync()];

        _window.Close("over");

        Assert.Equal(new EmitStatus(EmitCode.NotConnected, "over"), await first.Answer.Task);
        foreach (Task<OutboundWindow.Pending> late in waiting.Append(AddAsync()))
        {
            Assert.Equal(new EmitStatus(EmitCode.NotConnected, "over"), await (await late).Answer.Task);
        }
    }

    public void Dispose()
    {
        _window.Dispose();
    }

    private async Task<OutboundWindow.Pending> AddAsync()
    {
        return await _window.AddAsync(id => [0x32, (byte)id], CancellationToken.None);
    }
}
