using System.Threading.Channels;
using Estream.Client.Connection;
using Estream.Client.Protocol;

namespace Estream.Client.Groups;

/// <summary>A membership in a group over one connection.</summary>
internal sealed class GroupMembership(ClientConnection connection) : IFrameHandler
{
    // The host sends the next batch only after the answer.
    private readonly Channel<byte[]> _frames = Channel.CreateUnbounded<byte[]>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    private readonly PendingRequest _joined = new(connection: null);
    private EstreamClientException? _refused;
    private volatile bool _isEnded;
    private uint _id;

    /// <summary>Whether the membership has not ended.</summary>
    public bool IsOpen => !_isEnded;

    public async Task<Response> JoinAsync(string queue, string group, GroupOptions options, CancellationToken cancellation)
    {
        _id = connection.Send(ClientOp.GroupJoin, (queue, group, options), static (frame, given) =>
            frame.Text(given.queue).Text(given.group).Text(given.options.Output ?? "").UInt32((uint)given.options.MaxBatchBytes)
                .UInt16((int)given.options.AnswerLimit.TotalSeconds), this);
        try
        {
            return await _joined.Task.AsTask().WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _ = LeaveAsync();
            throw;
        }
    }

    /// <summary>Waits for the next frame. Returns null if the membership has ended.</summary>
    public async Task<byte[]?> ReceiveAsync(CancellationToken cancellation)
    {
        while (await _frames.Reader.WaitToReadAsync(cancellation).ConfigureAwait(false))
        {
            if (_frames.Reader.TryRead(out byte[]? frame))
            {
                return _isEnded ? null : frame;
            }
        }

        return null;
    }

    /// <exception cref="EstreamClientException">The host ended the membership for a reason that would also end a new
    /// membership.</exception>
    public void ThrowIfRefused()
    {
        if (_refused is { Status: not (ClientStatus.Unavailable or ClientStatus.TakenOver) } refused)
        {
            throw refused;
        }
    }

    /// <summary>Sends the answer to a batch. Returns null if the connection was lost.</summary>
    public async Task<Response?> AnswerAsync(
        int partition, long position, IReadOnlyList<ReadOnlyMemory<byte>> results, CancellationToken cancellation)
    {
        try
        {
            return await connection.SendAsync(ClientOp.GroupDone, (_id, partition, position, results), static (frame, given) =>
            {
                frame.UInt32(given._id).UInt16(given.partition).Int64(given.position).UInt32((uint)given.results.Count);
                foreach (ReadOnlyMemory<byte> result in given.results)
                {
                    frame.UInt32((uint)result.Length);
                }

                foreach (ReadOnlyMemory<byte> result in given.results)
                {
                    frame.Raw(result.Span);
                }
            }, cancellation).ConfigureAwait(false);
        }
        catch (EstreamClientException)
        {
            _isEnded = true;
            return null;
        }
    }

    public async Task LeaveAsync()
    {
        End();
        try
        {
            await connection.SendAsync(ClientOp.GroupLeave, _id, static (frame, id) => frame.UInt32(id), CancellationToken.None)
                .ConfigureAwait(false);
        }
        catch (EstreamClientException)
        {
            // The connection is lost, which ends the membership too.
        }
    }

    public bool OnFrame(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.Op == ClientOp.GroupJoin)
        {
            _joined.OnFrame(header, payload);
            return header.Status == ClientStatus.Ok;
        }

        if (header.Status == ClientStatus.Ok)
        {
            return _frames.Writer.TryWrite(payload.ToArray());
        }

        _refused = Response.Error(header.Status, payload, "The host ended the membership");
        End();
        return false;
    }

    public void OnClosed(Exception reason)
    {
        _joined.OnClosed(reason);
        End();
    }

    private void End()
    {
        _isEnded = true;
        _frames.Writer.TryComplete();
    }
}
