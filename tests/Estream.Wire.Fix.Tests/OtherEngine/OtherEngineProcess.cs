using System.Globalization;
using Estream.Testing;

namespace Estream.Wire.Fix.Tests.OtherEngine;

/// <summary>QuickFIX in a separate process: TW as the initiator, ISLD as the acceptor.</summary>
internal sealed class OtherEngineProcess : IDisposable
{
    private const string Got = "got ";

    private readonly TempDirectory _folder = new();
    private readonly ChildProcess _process;

    private OtherEngineProcess(OtherEngineProgram program, string role, string settings)
    {
        string file = _folder.Combine("settings.cfg");
        File.WriteAllText(file, settings);
        _process = ChildProcess.Start(program.Path, [role, file]);
        _process.WaitForText("ready");
    }

    /// <summary>ClOrdIDs of the received orders, in order.</summary>
    public string[] Orders => [.. Lines.Where(line => line.StartsWith(Got, StringComparison.Ordinal)).Select(line => line[Got.Length..])];

    private string[] Lines => _process.Output.Split('\n');

    /// <summary>Starts an acceptor.</summary>
    public static OtherEngineProcess Accept(OtherEngineProgram program, FixProtocol protocol, int port)
    {
        return new OtherEngineProcess(program, "acceptor", $"""
            [DEFAULT]
            ConnectionType=acceptor
            SocketAcceptPort={Text(port)}
            SocketReuseAddress=Y
            SenderCompID=ISLD
            TargetCompID=TW
            {Common(protocol)}
            """);
    }

    /// <summary>Starts an initiator that reconnects every second.</summary>
    public static OtherEngineProcess Connect(OtherEngineProgram program, FixProtocol protocol, int port, int heartbeat = 30)
    {
        return new OtherEngineProcess(program, "initiator", $"""
            [DEFAULT]
            ConnectionType=initiator
            SocketConnectHost=127.0.0.1
            SocketConnectPort={Text(port)}
            ReconnectInterval=1
            HeartBtInt={Text(heartbeat)}
            SenderCompID=TW
            TargetCompID=ISLD
            {Common(protocol)}
            """);
    }

    public void Send(int first, int count)
    {
        Tell($"send {Text(first)} {Text(count)}");
    }

    public void Tell(string line)
    {
        _process.Input.WriteLine(line);
        _process.Input.Flush();
    }

    public void WaitFor(string line, int times = 1)
    {
        Eventually.True(() => Lines.Count(one => one == line) >= times,
            $"the other engine has said '{line}' {times} times; it says: {_process.Error}");
    }

    public void WaitForOrders(int count)
    {
        Eventually.True(() => Orders.Length >= count, $"the other engine has {count} orders");
    }

    public void Dispose()
    {
        _process.Dispose();
        _folder.Dispose();
    }

    private static string Common(FixProtocol protocol)
    {
        string dictionaries = protocol.BeginString switch
        {
            "FIX.4.2" => $"DataDictionary={Dictionary("FIX42.xml")}",
            "FIX.4.4" => $"DataDictionary={Dictionary("FIX44.xml")}",
            _ => $"DefaultApplVerID={protocol.Application.Version}\nTransportDataDictionary={Dictionary("FIXT11.xml")}\n"
                + $"AppDataDictionary={Dictionary(protocol.Application.Version.Replace(".", "", StringComparison.Ordinal) + ".xml")}",
        };
        return $"StartTime=00:00:00\nEndTime=00:00:00\nSocketNodelay=Y\n[SESSION]\nBeginString={protocol.BeginString}\n{dictionaries}\n";
    }

    private static string Dictionary(string file)
    {
        return RepositoryRoot.Combine("src", "Estream.Wire.Fix", "Dictionaries", file);
    }

    private static string Text(int number)
    {
        return number.ToString(CultureInfo.InvariantCulture);
    }
}
