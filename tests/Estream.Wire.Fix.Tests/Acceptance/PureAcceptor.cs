using System.Buffers;
using System.Text;
using Estream.Testing;
using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Session;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Acceptance;

/// <summary>An acceptor like samples/FixEcho, without sockets and with a manual clock.</summary>
internal sealed class PureAcceptor : IScriptAcceptor
{
    private const double TickSeconds = 0.1;

    private readonly FixSessionTable _table;
    private readonly List<Connection> _connections = [];

    public PureAcceptor(params FixSessionOptions[] sessions)
    {
        _table = new FixSessionTable(sessions.Select(options =>
            new FixSession(options, new FixMemoryStore(1_000), new Application { IsEcho = true }, Clock)));
    }

    public ManualClock Clock { get; } = new(FixDay.Start);

    /// <summary>How long a script waits for a message or the end of a connection, in seconds.</summary>
    public double PatienceSeconds { get; init; } = 12;

    public DateTime UtcNow => Clock.Now.UtcDateTime;

    public IScriptConnection Connect()
    {
        Connection connection = new(this);
        _connections.Add(connection);
        return connection;
    }

    public void Pass(double seconds)
    {
        Clock.Pass(TimeSpan.FromSeconds(seconds));
        foreach (Connection connection in _connections)
        {
            connection.Tick();
        }
    }

    /// <summary>One counterparty.</summary>
    private sealed class Connection : IScriptConnection
    {
        private readonly PureAcceptor _acceptor;
        private readonly ArrayBufferWriter<byte> _output = new();
        private readonly FixLink _link;
        private byte[] _received = [];
        private int _taken;

        public Connection(PureAcceptor acceptor)
        {
            _acceptor = acceptor;
            _link = new FixLink(acceptor._table, _output, acceptor.Clock);
        }

        public void Send(byte[] bytes)
        {
            byte[] all = [.. _received, .. bytes];
            ReadOnlySequence<byte> buffer = new(all);
            SequencePosition consumed = _link.Receive(buffer, out bool hasMore);
            while (hasMore)
            {
                hasMore = _link.Session!.ContinueResend();
            }

            _received = buffer.Slice(consumed).ToArray();
        }

        public string? Next()
        {
            string? message = Take();
            for (double waited = 0; message is null && _link.Why is null; waited += TickSeconds)
            {
                Assert.True(waited < _acceptor.PatienceSeconds, "Neither a message nor a disconnect arrived in time.");
                _acceptor.Pass(TickSeconds);
                message = Take();
            }

            return message;
        }

        public void Tick()
        {
            if (_link.Why is null)
            {
                _link.Tick();
            }
        }

        public void Dispose()
        {
            _link.Dispose();
        }

        private string? Take()
        {
            ReadOnlySpan<byte> rest = _output.WrittenSpan[_taken..];
            if (FixFrame.TryRead(rest, 1 << 20, out int length, out _) != FixFrameStatus.Complete)
            {
                Assert.True(rest.IsEmpty, Encoding.Latin1.GetString(rest));
                return null;
            }

            _taken += length;
            return Encoding.Latin1.GetString(rest[..length]);
        }
    }
}
