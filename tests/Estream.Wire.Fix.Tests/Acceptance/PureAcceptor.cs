using System.Buffers;
using System.Text;
using Estream.Testing;
using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Session;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Acceptance;

/// <summary>An acceptor as samples/FixEcho is one, without sockets and with a clock of its own.</summary>
internal sealed class PureAcceptor
{
    public const double TickSeconds = 0.1;

    private readonly FixSessionTable _table;
    private readonly List<Connection> _connections = [];

    public PureAcceptor(params FixSessionOptions[] sessions)
    {
        _table = new FixSessionTable(sessions.Select(options =>
            new FixSession(options, new FixMemoryStore(1_000), new Application { IsEcho = true }, Clock)));
    }

    public ManualClock Clock { get; } = new(FixDay.Start);

    public Connection Connect()
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
    internal sealed class Connection : IDisposable
    {
        private readonly ArrayBufferWriter<byte> _output = new();
        private readonly FixLink _link;
        private byte[] _received = [];
        private int _taken;

        public Connection(PureAcceptor acceptor)
        {
            _link = new FixLink(acceptor._table, _output, acceptor.Clock);
        }

        /// <summary>Why the acceptor ends the connection; null while it does not.</summary>
        public string? Why => _link.Why;

        public void Receive(byte[] bytes)
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

        /// <summary>The next message that was sent, or null.</summary>
        public string? Take()
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
    }
}
