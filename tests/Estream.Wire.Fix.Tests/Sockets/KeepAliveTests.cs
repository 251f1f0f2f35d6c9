using System.Globalization;
using System.Text.RegularExpressions;
using Estream.Testing;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Sockets;

/// <summary>Without heartbeats, TCP keep-alive detects a lost peer within a minute. The test reads the kernel's timer instead of
/// waiting.</summary>
public sealed class KeepAliveTests
{
    [PeerFact("ss", "iproute2")]
    public async Task TCP_keep_alive_is_set_on_both_sides()
    {
        await using SocketPair pair = SocketPair.Start();
        pair.WaitForLogon();
        int port = pair.Acceptor.LocalEndPoint!.Port;

        Assert.InRange(SecondsToTheNextQuestion("sport", port), 0, 31);
        Assert.InRange(SecondsToTheNextQuestion("dport", port), 0, 31);
    }

    // For example "timer:(keepalive,29sec,0)"; "119min" if keep-alive was not set. Right after a send, another timer is shown.
    private static int SecondsToTheNextQuestion(string end, int port)
    {
        int seconds = int.MaxValue;
        Eventually.True(
            () =>
            {
                ProcessResult shown = ChildProcess.Run(Peer.Require("ss", "iproute2"),
                    ["-tnoH", "state", "established", $"( {end} = :{port} )"]).EnsureSuccess();
                Match timer = Regex.Match(shown.Output, "keepalive,([0-9]+)(min|sec)?");
                seconds = !timer.Success
                    ? int.MaxValue
                    : int.Parse(timer.Groups[1].Value, CultureInfo.InvariantCulture) * (timer.Groups[2].Value == "min" ? 60 : 1);
                return timer.Success;
            },
            $"the socket whose {end} is {port} waits to ask");
        return seconds;
    }
}
