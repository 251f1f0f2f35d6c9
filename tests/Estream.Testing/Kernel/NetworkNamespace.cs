namespace Estream.Testing;

/// <summary>A separate network for processes, with one link to the test's network that the test can take down. Usable only in tests that
/// <see cref="NetworkNamespaceFactAttribute"/> lets run.</summary>
public sealed class NetworkNamespace : IDisposable
{
    private const int Blocks = 1 << 14;

    private static int s_made;

    private readonly string _name;
    private readonly string _near;
    private readonly string _far;

    /// <summary>Creates a network and its link, which is up.</summary>
    public NetworkNamespace()
    {
        int number = Interlocked.Increment(ref s_made);

        // A link name has at most 15 characters.
        string id = $"{Environment.ProcessId:x}{number % 256:x2}";
        (_name, _near, _far) = ($"estream-test-{id}", $"et{id}a", $"et{id}b");
        int block = ((Environment.ProcessId * 16) + number) % Blocks;
        string start = $"10.213.{block >> 6}";
        int first = (block & 63) << 2;
        (NearAddress, Address) = ($"{start}.{first + 1}", $"{start}.{first + 2}");
        Ip("netns", "add", _name);
        try
        {
            Ip("link", "add", _near, "type", "veth", "peer", "name", _far, "netns", _name);
            Ip("addr", "add", $"{NearAddress}/30", "dev", _near);
            Ip("link", "set", _near, "up");
            Ip("-n", _name, "addr", "add", $"{Address}/30", "dev", _far);
            Ip("-n", _name, "link", "set", "lo", "up");
            Join();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private static string Program => Peer.Require("ip", "iproute2");

    /// <summary>The address at which the test reaches processes of this network.</summary>
    public string Address { get; }

    /// <summary>The address at which processes of this network reach the test.</summary>
    public string NearAddress { get; }

    /// <summary>Starts a program in this network. The program replaces its launcher process, so signals reach the program.</summary>
    /// <param name="fileName">A path, or a name on PATH.</param>
    /// <param name="arguments">One string per argument.</param>
    /// <param name="environment">Variables to set.</param>
    public ChildProcess Start(string fileName, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null) =>
        ChildProcess.Start(Program, ["netns", "exec", _name, fileName, .. arguments], environment: environment);

    /// <summary>Takes the link down at this network's end: packets under way are lost, and no peer is notified.</summary>
    public void Cut() => Ip("-n", _name, "link", "set", _far, "down");

    /// <summary>Brings the link up again.</summary>
    public void Join() => Ip("-n", _name, "link", "set", _far, "up");

    /// <summary>Removes the network and its link. Its processes must have ended.</summary>
    public void Dispose()
    {
        // The link has an end in both networks; it is removed with the first end that is removed.
        ChildProcess.Run(Program, ["link", "del", _near]);
        ChildProcess.Run(Program, ["netns", "del", _name]);
    }

    private static void Ip(params string[] arguments) => ChildProcess.Run(Program, arguments).EnsureSuccess();
}
