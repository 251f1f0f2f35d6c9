using System.Net.Sockets;
using Estream.Testing;
using Estream.Wire.Fix;

namespace Estream.Fuzz.Fix;

/// <summary>Hostile counterparties at a real socket: what they send, how slowly they send it, and how they leave must not affect other
/// sessions.</summary>
public class FixAcceptorFuzz
{
    private const int Seed = 4711;

    [Fact]
    public async Task Damaged_FIX_streams_end_only_their_own_connection()
    {
        await using FuzzAcceptor acceptor = new(new FixAcceptorOptions());
        FixMutator mutator = new(Seed);
        int connections = LongRun.Count(400, 20_000);
        for (int number = 0; number < connections; number++)
        {
            using Socket socket = acceptor.Open();
            byte[] stream = [.. mutator.Next(8) == 0 ? mutator.Bad() : FuzzAcceptor.Logon("TW"), .. mutator.Stream(), .. mutator.Stream()];
            Send(socket, stream, chunk: 1 + mutator.Next(64));
            Leave(socket, abruptly: mutator.Next(2) == 0);
        }

        acceptor.RequireService();
        Eventually.True(() => !acceptor.IsHostileLoggedOn, "no hostile peer is logged on");
        Assert.True(acceptor.Mistakes.Count == 0, $"seed {Seed}: {string.Join('\n', acceptor.Mistakes)}");
    }

    [Fact]
    public async Task Slow_and_silent_FIX_peers_are_disconnected()
    {
        // Some peers never start, some stop inside their Logon, and some send their Logon slowly, byte by byte.
        await using FuzzAcceptor acceptor = new(new FixAcceptorOptions { MaxConnections = 60 }, logonTimeoutSeconds: 1);
        byte[] logon = FuzzAcceptor.Logon("TW");
        List<Socket> sockets = [];
        for (int number = 0; number < 60; number++)
        {
            Socket socket = acceptor.Open();
            sockets.Add(socket);
            socket.Send(logon.AsSpan(0, (number % 3) switch { 0 => 0, 1 => 20, _ => 1 }));
        }

        Task dripping = Task.Run(() =>
            sockets.Where((_, number) => number % 3 == 2).ToList().ForEach(socket => Drip(socket, logon.AsSpan(1, 10).ToArray())));
        sockets.ForEach(FuzzAcceptor.WaitUntilCutOff);
        await dripping;
        Eventually.True(() => TryRequireService(acceptor), "their places are free");
        sockets.ForEach(socket => socket.Dispose());
    }

    [Fact]
    public async Task A_counterparty_that_stalls_inside_a_message_frees_its_session()
    {
        // The counterparty logs on, then sends one message slowly, byte by byte, and never completes it: an incomplete message does not
        // count as activity.
        await using FuzzAcceptor acceptor = new(new FixAcceptorOptions());
        using (Socket half = acceptor.Open())
        {
            half.Send(FuzzAcceptor.Logon("TW", heartbeat: 1));
            FuzzAcceptor.ReadUntil(half, "35=A");
            half.Send("8=FIX.4.4\u00019=1000\u000135=D\u000158="u8);
            Task dripping = Task.Run(() => Drip(half, [.. Enumerable.Repeat((byte)'x', 900)]));
            FuzzAcceptor.WaitUntilCutOff(half);
            await dripping;
        }

        Eventually.True(() => !acceptor.IsHostileLoggedOn, "the session is free");
        using Socket again = acceptor.Open();
        again.Send(FuzzAcceptor.Logon("TW"));
        FuzzAcceptor.ReadUntil(again, "35=A");
        acceptor.RequireService();
    }

    [Fact]
    public async Task FIX_bytes_sent_one_by_one_get_the_same_answers_as_bytes_sent_at_once()
    {
        const int Orders = 40;
        await using FuzzAcceptor acceptor = new(new FixAcceptorOptions());
        byte[] stream = [.. FuzzAcceptor.Logon("TW"), .. Enumerable.Range(2, Orders).SelectMany(Order),
            .. FixSeeds.Message($"35=1|34={Orders + 2}|49=TW|52=20260707-12:30:00|56=ISLD|112=all|")];
        List<string> answers = [];
        foreach (int chunk in new[] { 1, stream.Length })
        {
            using Socket socket = acceptor.Open();
            Send(socket, stream, chunk);
            answers.Add(FuzzAcceptor.ReadUntil(socket, "112=all").Split("112=all")[0]);
            socket.Shutdown(SocketShutdown.Send);
            FuzzAcceptor.WaitUntilCutOff(socket);
            Eventually.True(() => !acceptor.IsHostileLoggedOn, "the session is free");
        }

        Assert.Equal(answers[1], answers[0]);
        Assert.Equal(Orders, answers[0].Split("35=D").Length - 1);
        Assert.Empty(acceptor.Mistakes);
    }

    [Fact]
    public async Task A_FIX_peer_that_reads_no_answers_is_disconnected()
    {
        await using FuzzAcceptor acceptor = new(new FixAcceptorOptions { WriteTimeoutSeconds = 1 });
        using Socket socket = acceptor.Open();
        socket.ReceiveBufferSize = 4_096;
        socket.Send(FuzzAcceptor.Logon("TW", heartbeat: 0));
        FuzzAcceptor.ReadUntil(socket, "35=A");
        socket.SendTimeout = 1_000;

        // The peer keeps sending requests and never reads an answer. The acceptor first applies back-pressure, then ends the connection.
        Assert.ThrowsAny<SocketException>(() =>
        {
            for (int number = 2; number < 1_000_000; number++)
            {
                socket.Send(FixSeeds.Message($"35=1|34={number}|49=TW|52=20260707-12:30:00|56=ISLD|112={new string('x', 4_000)}|"));
            }
        });

        Eventually.True(() => !acceptor.IsHostileLoggedOn, "it was cut off");
        acceptor.RequireService();
    }

    private static byte[] Order(int number) =>
        FixSeeds.Message($"35=D|34={number}|49=TW|52=20260707-12:30:00|56=ISLD|11=o{number}|40=1|54=1|55=MSFT|60=20260707-12:30:00|");

    private static bool TryRequireService(FuzzAcceptor acceptor)
    {
        try
        {
            acceptor.RequireService();
            return true;
        }
        catch (Exception failure) when (failure is SocketException or Xunit.Sdk.XunitException)
        {
            return false;
        }
    }

    /// <summary>Sends a byte every few milliseconds until the other side closes the connection.</summary>
    private static void Drip(Socket socket, byte[] bytes)
    {
        try
        {
            foreach (byte one in bytes)
            {
                socket.Send([one]);

                // The pace of a peer that wants to occupy a connection slot as long as possible.
                Thread.Sleep(10);
            }
        }
        catch (SocketException)
        {
            // The other side closed the connection, as the test expects.
        }
    }

    private static void Send(Socket socket, byte[] bytes, int chunk)
    {
        try
        {
            for (int start = 0; start < bytes.Length; start += chunk)
            {
                socket.Send(bytes.AsSpan(start, Math.Min(chunk, bytes.Length - start)));
            }
        }
        catch (SocketException)
        {
            // The acceptor closed the connection before everything was sent.
        }
    }

    private static void Leave(Socket socket, bool abruptly)
    {
        try
        {
            if (abruptly)
            {
                socket.LingerState = new LingerOption(true, 0);
                return;
            }

            socket.Shutdown(SocketShutdown.Send);
            byte[] rest = new byte[4_096];
            while (socket.Receive(rest) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // The other side closed the connection.
        }
    }
}
