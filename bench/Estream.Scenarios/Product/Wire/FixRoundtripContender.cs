using System.Buffers.Text;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>
/// The desk of `fix-roundtrip`, the same for all acceptors: writes orders that were encoded beforehand, up to the in-flight window, and
/// compares each report with its order.
/// </summary>
internal sealed class FixRoundtripContender : IContender
{
    private const int BufferBytes = 256 * 1024;
    private const int TrailerBytes = 7;
    private const int AnswerLimitMs = 60_000;

    private readonly int _inFlight;
    private readonly FixOrders _orders;
    private readonly Samples? _samples;
    private readonly ChildProcess _venue;
    private readonly Socket _socket;
    private readonly byte[] _received = new byte[BufferBytes];
    private int _start;
    private int _end;
    private long _number = 1;

    public FixRoundtripContender(ContenderContext context, int inFlight, StartVenue start)
    {
        _inFlight = inFlight;
        _orders = new FixOrders((int)context.Size.Of(inFlight == 1 ? 5_000 : 20_000, 200));
        _samples = inFlight == 1 ? new Samples(_orders.Count) : null;
        _venue = start(out int port);
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            ReceiveTimeout = AnswerLimitMs,
        };
        _socket.Connect(IPAddress.Loopback, port);
        Send(FixOrders.Logon(_number++));
        RequireLogon();
    }

    /// <summary>Starts an acceptor.</summary>
    /// <param name="port">The port it listens on.</param>
    public delegate ChildProcess StartVenue(out int port);

    public RunResult Run()
    {
        _orders.Encode(_number);
        _number += _orders.Count;
        return _samples is { } samples ? OneByOne(samples) : Together();
    }

    public void Dispose()
    {
        Send(FixOrders.Logout(_number));
        _socket.Dispose();
        _venue.Dispose();
    }

    private void RequireLogon()
    {
        ReadOnlySpan<byte> answer;
        while (!TryTake(out answer))
        {
            Fill();
        }

        if (answer.IndexOf("\u000135=A\u0001"u8) < 0)
        {
            throw new ScenarioException($"the Logon was answered with {Shown(answer)}");
        }
    }

    private RunResult OneByOne(Samples samples)
    {
        for (int order = 0; order < _orders.Count; order++)
        {
            long before = Samples.Now();
            Send(_orders.Of(order, 1));
            TakeReports(order);
            samples.Set(order, before, Samples.Now());
        }

        return samples.Round((ulong)_orders.Count);
    }

    private RunResult Together()
    {
        long start = Stopwatch.GetTimestamp();
        int sent = 0;
        int answered = 0;
        while (answered < _orders.Count)
        {
            int more = Math.Min(_orders.Count, answered + _inFlight) - sent;
            if (more > 0)
            {
                Send(_orders.Of(sent, more));
                sent += more;
            }

            answered += TakeReports(answered);
        }

        return new RunResult(_orders.Count, RoundTimer.NanosOf(Stopwatch.GetTimestamp() - start)) { Check = (ulong)answered };
    }

    private void Send(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[_socket.Send(bytes)..];
        }
    }

    /// <summary>Takes the reports that have arrived, at least one.</summary>
    /// <param name="next">The expected order of the first report.</param>
    private int TakeReports(int next)
    {
        int taken = 0;
        while (taken == 0)
        {
            Fill();
            while (TryTake(out ReadOnlySpan<byte> message))
            {
                RequireReport(message, next + taken);
                taken++;
            }
        }

        return taken;
    }

    private void Fill()
    {
        _received.AsSpan(_start, _end - _start).CopyTo(_received);
        (_start, _end) = (0, _end - _start);
        int length = _socket.Receive(_received.AsSpan(_end));
        _end += length > 0 ? length : throw new ScenarioException("the acceptor has closed the connection");
    }

    /// <summary>Takes the next whole message, if there is one.</summary>
    private bool TryTake(out ReadOnlySpan<byte> message)
    {
        const int BodyLengthAt = 12;   // after 8=FIX.4.4 and 9=
        message = default;
        ReadOnlySpan<byte> bytes = _received.AsSpan(_start, _end - _start);
        if (bytes.Length <= BodyLengthAt || !Utf8Parser.TryParse(bytes[BodyLengthAt..], out int bodyLength, out int digits))
        {
            return false;
        }

        int length = BodyLengthAt + digits + 1 + bodyLength + TrailerBytes;
        if (bytes.Length < length)
        {
            return false;
        }

        message = bytes[..length];
        _start += length;
        return true;
    }

    private static void RequireReport(ReadOnlySpan<byte> message, int order)
    {
        ReadOnlySpan<byte> before = "\u000111=o"u8;
        int at = message.IndexOf(before);
        bool isReport = at >= 0 && message.IndexOf("\u000135=8\u0001"u8) >= 0
            && Utf8Parser.TryParse(message[(at + before.Length)..], out int number, out _) && number == order;
        if (!isReport)
        {
            throw new ScenarioException($"order {order} was answered with {Shown(message)}");
        }
    }

    private static string Shown(ReadOnlySpan<byte> message) => Encoding.ASCII.GetString(message).Replace('\u0001', '|');
}
