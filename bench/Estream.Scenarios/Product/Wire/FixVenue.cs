using System.Diagnostics;
using System.Globalization;
using Estream.Core;
using Estream.Queue;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;
using Estream.Wire;
using Estream.Wire.Fix;

namespace Estream.Scenarios.Product;

/// <summary>
/// The acceptors of `fix-roundtrip`, each in a child process. An acceptor is VENUE, its counterparty is DESK; it answers every order
/// with an execution report. This program runs the product's acceptor (<c>--fix-venue</c>): it prints <c>port N</c>, and exits when
/// its input ends.
/// </summary>
internal static class FixVenue
{
    public const string Role = "--fix-venue";
    public const string QuickFixCommand = "quickfix-acceptor";

    private static readonly TimeSpan s_startLimit = TimeSpan.FromMinutes(1);

    public static ChildProcess Start(out int port) => Start(SelfProcess.Start(Role), out port);

    /// <summary>Starts the product's acceptor with a journal in a directory, and a level of durability.</summary>
    public static ChildProcess Start(string directory, string level, out int port) =>
        Start(SelfProcess.Start(Role, directory, level), out port);

    private static ChildProcess Start(Process process, out int port)
    {
        var child = new ChildProcess(process, "the acceptor of fix-roundtrip");
        port = int.Parse(child.Receive(s_startLimit)["port ".Length..], CultureInfo.InvariantCulture);
        return child;
    }

    /// <summary>Starts QuickFIX, in the C++ program.</summary>
    public static ChildProcess StartQuickFix(out int port) => StartQuickFix("", out port);

    /// <summary>Starts QuickFIX with a file store in a directory.</summary>
    public static ChildProcess StartQuickFix(string directory, out int port)
    {
        port = LoopbackPort.Next();
        string dictionary = Path.Combine(NativePeers.FindBench(), "..", "src", "Estream.Wire.Fix", "Dictionaries", "FIX44.xml");
        var start = new ProcessStartInfo(NativePeers.BuiltProgram);
        foreach (string argument in (string[])[QuickFixCommand, "--port", port.ToString(CultureInfo.InvariantCulture), "--dictionary",
            dictionary, "--store", directory])
        {
            start.ArgumentList.Add(argument);
        }

        var child = new ChildProcess(SelfProcess.Start(start), "the QuickFIX process of fix-roundtrip");
        child.Expect("ready", s_startLimit);
        return child;
    }

    /// <summary>The child side.</summary>
    public static int Run(ReadOnlySpan<string> arguments)
    {
        if (arguments.Length is not (0 or 2))
        {
            throw new ScenarioException($"{Role} is reserved for the harness: DIR LEVEL, or nothing");
        }

        using EstreamQueue? journal = arguments.Length == 0
            ? null
            : EstreamQueue.Open(
                Path.Combine(arguments[0], "journal"), new QueueOptions { IngressDurability = DurabilityLevels.Of(arguments[1]) });
        var session = new FixSessionOptions
        {
            Protocol = FixProtocol.Fix44, SenderCompId = "VENUE", TargetCompId = "DESK", Journal = journal,
        };
        var acceptor = new FixAcceptor(new FixAcceptorOptions { Port = 0 }, [session], new Reporter(), SystemClock.Instance, Report);
        acceptor.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
        using var stopping = new CancellationTokenSource();
        Task running = acceptor.RunAsync(stopping.Token);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"port {acceptor.LocalEndPoint!.Port}"));
        while (Console.ReadLine() is not null)
        {
        }

        stopping.Cancel();
        running.GetAwaiter().GetResult();
        acceptor.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return 0;
    }

    private static void Report(AdapterEvent happened)
    {
        if (happened.Kind is not (AdapterEventKind.Started or AdapterEventKind.Stopped or AdapterEventKind.Connected
            or AdapterEventKind.Disconnected))
        {
            Console.Error.WriteLine($"fix-roundtrip: {happened.Kind}: {happened.Detail}");
        }
    }

    private sealed class Reporter : IFixApplication
    {
        private readonly FixMessageBuilder _report = new("8");
        private long _reports;

        public FixVerdict OnMessage(FixSession session, in FixMessage message)
        {
            if (!message.MsgType.SequenceEqual("D"u8))
            {
                return FixVerdict.Unsupported;
            }

            FixFields order = message.Fields;
            order.TryGet(11, out ReadOnlySpan<byte> id);
            order.TryGet(55, out ReadOnlySpan<byte> instrument);
            order.TryGet(54, out ReadOnlySpan<byte> side);
            order.TryGet(38, out ReadOnlySpan<byte> quantity);
            _reports++;
            _report.Clear("8").Add(37, _reports).Add(11, id).Add(17, _reports).Add(150, "0"u8).Add(39, "0"u8).Add(55, instrument)
                .Add(54, side)
                .Add(151, quantity).Add(14, "0"u8).Add(6, "0"u8);
            session.Send(_report);
            return FixVerdict.Accepted;
        }
    }
}
