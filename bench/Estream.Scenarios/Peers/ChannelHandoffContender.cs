using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Peers;

/// <summary>System.Threading.Channels with 64-byte messages from one thread to another, bounded by the window; both spin while they
/// wait.</summary>
internal sealed class ChannelHandoffContender : IContender
{
    private const int Backoff = 16;

    private readonly long _messages;
    private readonly BoundThreads _threads = new(2);
    private readonly Channel<ChannelMessage> _channel = Channel.CreateBounded<ChannelMessage>(
        new BoundedChannelOptions(HandoffWorkload.Window) { SingleReader = true, SingleWriter = true });

    private ulong _written;
    private ulong _sum;

    public ChannelHandoffContender(ContenderContext context)
    {
        _messages = new HandoffWorkload(context.Size).Messages / PortionOfMessages;
    }

    /// <summary>The divisor of the number of messages, because a channel is much slower.</summary>
    public const int PortionOfMessages = 8;

    public RunResult Run()
    {
        _sum = 0;
        return _threads.Run(thread => thread == 0 ? Write() : Read())[1] with { Check = _sum };
    }

    public void Dispose()
    {
        _threads.Dispose();
        _channel.Writer.Complete();
    }

    private RunResult Write()
    {
        RoundTimer timer = RoundTimer.Start();
        for (long left = _messages; left > 0; left -= LogWorkload.BatchMessages)
        {
            WriteBatch((int)Math.Min(left, LogWorkload.BatchMessages));
        }

        return timer.Stop(_messages);
    }

    private RunResult Read()
    {
        RoundTimer timer = RoundTimer.Start();
        for (long left = _messages; left > 0; left -= LogWorkload.BatchMessages)
        {
            ReadBatch((int)Math.Min(left, LogWorkload.BatchMessages));
        }

        return timer.Stop(_messages);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WriteBatch(int count)
    {
        ChannelWriter<ChannelMessage> writer = _channel.Writer;
        for (int i = 0; i < count; i++)
        {
            ChannelMessage message = default;
            message[0] = message[ChannelMessage.Last] = _written++;
            while (!writer.TryWrite(message))
            {
                Thread.SpinWait(Backoff);
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ReadBatch(int count)
    {
        ChannelReader<ChannelMessage> reader = _channel.Reader;
        for (int i = 0; i < count; i++)
        {
            ChannelMessage message;
            while (!reader.TryRead(out message))
            {
                Thread.SpinWait(Backoff);
            }

            _sum += message[0] + message[ChannelMessage.Last];
        }
    }
}
