using System.Net;
using Estream.Core;
using Estream.Net.Multicast;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Net.Tests.Multicast.Channel;

/// <summary>Channels whose thread polls without waiting on one CPU.</summary>
public sealed class PinnedChannelTests
{
    [Theory]
    [InlineData(-1)]
    [InlineData(CpuAffinity.MaxCpu + 1)]
    public void A_CPU_out_of_range_is_refused_when_the_channel_opens(int cpu) => Assert.Throws<ArgumentException>(
        () => MulticastChannel.OpenSubscriber(new() { EndPoint = IPEndPoint.Parse("127.0.0.1:4711"), Cpu = cpu }));

    [Fact]
    public void A_CPU_that_the_machine_does_not_have_is_refused_when_the_channel_runs()
    {
        using TempDirectory folder = new();
        using MulticastChannel channel = MulticastChannel.OpenSubscriber(Options(FreePort.Next()) with { Cpu = CpuAffinity.MaxCpu });
        using MulticastSubscriber subscriber = new(folder.Combine("copy"), channel);
        Assert.Throws<ArgumentOutOfRangeException>(() => channel.Run(subscriber, CancellationToken.None));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_kernel_confirms_the_CPU_of_a_running_channel(bool isBusy)
    {
        using TempDirectory folder = new();
        int cpu = CpuAffinity.Current()[^1];
        MulticastChannelOptions options = Options(FreePort.Next()) with { Cpu = cpu, BusyPoll = isBusy };
        using EstreamQueue source = EstreamQueue.Open(folder.Combine("source"));
        using QueueAppender appender = source.CreateAppender(AppenderMode.Exclusive);
        long last = appender.Append("hello"u8);
        using CancellationTokenSource stop = new();
        int[] publishing = [], subscribing = [], before = [], after = [];

        Thread publisher = new(() =>
        {
            using MulticastChannel channel = MulticastChannel.OpenPublisher(options);
            using MulticastPublisher publisher = new(source, channel);
            before = CpuAffinity.Current();
            channel.Run(publisher, stop.Token, () => publishing = CpuAffinity.Current());
            after = CpuAffinity.Current();
        });
        Thread receiver = new(() =>
        {
            using MulticastChannel channel = MulticastChannel.OpenSubscriber(options);
            using MulticastSubscriber subscriber = new(folder.Combine("copy"), channel);
            channel.Run(subscriber, stop.Token, () =>
            {
                subscribing = CpuAffinity.Current();
                if (subscriber.Statistics.LastPosition == last)
                {
                    stop.Cancel();
                }
            });
        });
        publisher.Start();
        receiver.Start();
        Assert.True(receiver.Join(TimeSpan.FromMinutes(1)), "the subscriber has the message");
        publisher.Join();

        Assert.Equal([cpu], publishing);
        Assert.Equal([cpu], subscribing);
        Assert.Equal(before, after);
    }

    private static MulticastChannelOptions Options(int port) =>
        new() { EndPoint = new IPEndPoint(IPAddress.Loopback, port), Transport = PacketTransportKind.Udp };
}
