using Estream.Core;
using Estream.Esf;
using Estream.Queue;

namespace Estream.Circuits.Operations.Replication;

/// <summary>
/// A replica of a queue that follows its source on its own thread: it wakes when the source gets a message. After a failure the replica is
/// closed and opened again, with increasing delays. Opened by <see cref="CircuitRuntime.RunReplica"/>; thread-safe.
/// </summary>
public sealed class RunningReplica : IAsyncDisposable
{
    // The messages that one step copies, so that usage and progress are current.
    private const int MessagesPerStep = 65_536;

    private static readonly TimeSpan s_firstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_lastRetry = TimeSpan.FromSeconds(30);

    // A step also runs without a message, so that the lag shown is current.
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(1);

    private readonly EstreamQueue _source;
    private readonly Func<OperationCircuit> _open;
    private readonly Action<RunningReplica, string>? _failed;
    private readonly byte[] _request;
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;
    private OperationCircuit? _operation;
    private QueueTailer? _waiter;
    private volatile ReplicaState _state = new(0, 0, 0, null, 0);
    private int _isDisposed;

    internal RunningReplica(string name, EstreamQueue source, Circuit circuit, Func<OperationCircuit> open,
        Action<RunningReplica, string>? failed)
    {
        (Name, _source, _open, _failed) = (name, source, open, failed);
        Operation = circuit.Operation!;
        _request = RequestOf(Operation.Request);
        _thread = new Thread(Run) { IsBackground = true, Name = "estream-replica" };
        _thread.Start();
    }

    /// <summary>The name of the replica.</summary>
    public string Name { get; }

    /// <summary>The operation that advances the replica.</summary>
    public CircuitOperation Operation { get; }

    /// <summary>The progress as of the last step.</summary>
    public ReplicaState State => _state;

    /// <summary>Stops the replica after its current step and closes it. Idempotent.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            await _stop.CancelAsync().ConfigureAwait(false);
            await Task.Run(_thread.Join).ConfigureAwait(false);
            _stop.Dispose();
        }
    }

    private static byte[] RequestOf(EsfSchema type)
    {
        byte[] room = new byte[256];
        EsfMessageBuilder request = EsfMessageBuilder.Begin(type, room);
        _ = request.TrySet(type.Fields[0], (Int128)MessagesPerStep);
        return request.TryFinish(out ReadOnlySpan<byte> message)
            ? message.ToArray()
            : throw new InvalidOperationException($"{type} must have one number.");
    }

    private void Run()
    {
        TimeSpan retry = s_firstRetry;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                bool isBehind = Step();
                retry = s_firstRetry;
                if (!isBehind)
                {
                    Wait();
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                break;
            }
            catch (Exception failure)
            {
                // The thread continues after any exception, because the replica is the only copy that the owner may have.
                Close();
                Fail(failure is EstreamException or ArgumentException or InvalidOperationException ? failure.Message : failure.ToString());
                _ = _stop.Token.WaitHandle.WaitOne(retry);
                retry = retry * 2 < s_lastRetry ? retry * 2 : s_lastRetry;
            }
        }

        Close();
    }

    // Returns whether the source has more messages.
    private bool Step()
    {
        _operation ??= _open();
        ReadOnlySpan<byte> result = _operation.Run(_request, _stop.Token);
        if (Operation.StatusOf(result) == OperationStatus.Full)
        {
            throw new EstreamStorageException($"The disk of the replica '{Name}' is full. Replication resumes when it has space.", Name,
                StorageFailure.DiskFull);
        }

        long lag = NumberOf(result, "lag_messages");
        _state = _state with
        {
            Messages = _state.Messages + NumberOf(result, "messages"),
            Position = NumberOf(result, "position"),
            LagMessages = lag,
            Failure = null,
        };
        return lag > 0 && NumberOf(result, "messages") > 0;
    }

    private void Wait()
    {
        _waiter ??= _source.CreateTailer();
        _waiter.Seek(_state.Position);
        _ = _waiter.WaitToRead(s_longestWait, _stop.Token);
    }

    private long NumberOf(ReadOnlySpan<byte> result, string name) =>
        Operation.Result.Fields.First(field => field.Name == name).TryGetInt64(result, out long number) ? number : 0;

    private void Fail(string reason)
    {
        bool isNew = _state.Failure != reason;
        _state = _state with { Failure = reason, Failures = _state.Failures + 1 };
        if (isNew)
        {
            _ = Running.OwnerCallbacks.Notify(() => _failed?.Invoke(this, reason));
        }
    }

    // A failure to close must not end the thread: the next attempt reports what remains wrong.
    private void Close()
    {
        foreach (IDisposable? open in new IDisposable?[] { _operation, _waiter })
        {
            _ = Running.OwnerCallbacks.Notify(() => open?.Dispose());
        }

        (_operation, _waiter) = (null, null);
    }
}

/// <summary>The state of a running replica.</summary>
/// <param name="Messages">The messages copied since the replica was started.</param>
/// <param name="Position">The position in the source up to which the replica is complete.</param>
/// <param name="LagMessages">The messages of the source that the replica does not have.</param>
/// <param name="Failure">Why the replica makes no progress; null if it makes progress.</param>
/// <param name="Failures">The number of failures, each of which was retried.</param>
public sealed record ReplicaState(long Messages, long Position, long LagMessages, string? Failure, long Failures);
