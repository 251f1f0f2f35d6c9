using Estream.Wire.Mqtt.Internal;

namespace Estream.Wire.Mqtt.Tests.Client;

public sealed class OutboundWindowTests : IDisposable
{
    private readonly OutboundWindow _window = new();

    [Fact]
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
    public async Task Unanswered_messages_come_again_in_their_order_as_duplicates()
    {
        // [MQTT-3.3.1-1] [MQTT-4.4.0-1] [MQTT-4.6.0-1]
        OutboundWindow.Pending[] added = [await AddAsync(), await AddAsync(), await AddAsync()];
        _window.Complete(added[1].PacketId, EmitStatus.Ok);

        IReadOnlyList<byte[]> again = _window.Unanswered();

        Assert.Equal([added[0].Packet, added[2].Packet], again);
        Assert.All(again, packet => Assert.Equal(0x3A, packet[0]));
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
