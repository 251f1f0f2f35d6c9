using System.Net;
using Estream.Net;

// Opens a transport, prints what it got, and holds it open until its input ends: KIND INTERFACE ADDRESS PORT.
if (args.Length != 4 || !PacketTransportKinds.TryParse(args[0], out PacketTransportKind kind))
{
    Console.Error.WriteLine("usage: Estream.Net.TestProcess auto|udp|af_xdp INTERFACE ADDRESS PORT");
    return 2;
}

try
{
    using PacketTransport transport = PacketTransport.Open(new PacketTransportOptions
    {
        Transport = kind,
        Interface = args[1],
        LocalEndPoint = new IPEndPoint(IPAddress.Parse(args[2]), int.Parse(args[3], System.Globalization.CultureInfo.InvariantCulture)),
        FrameCount = 128,
        BatchSize = 16,
    });
    Console.WriteLine($"open {transport.Kind.ToText()}");
    Console.WriteLine(transport.Fallback is { } fallback ? $"fallback {fallback.Failure}: {fallback.Reason}" : "no fallback");
    Console.In.ReadToEnd();
    return 0;
}
catch (EstreamTransportException e)
{
    Console.WriteLine($"refused {e.Failure}: {e.Message}");
    return 1;
}
