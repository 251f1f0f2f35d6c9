using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Estream.Net.Internal;
using Estream.Net.Internal.Kernel;
using Estream.Net.Udp;

namespace Estream.Net.Xdp;

/// <content>Opening.</content>
internal sealed partial class XdpTransport
{
    /// <summary>Opens the transport in the namespace of the calling thread.</summary>
    /// <exception cref="EstreamTransportException">AF_XDP cannot be used; the message says why.</exception>
    public static XdpTransport Create(PacketTransportOptions options)
    {
        RequireSupport(options);
        List<IDisposable> opened = [];
        try
        {
            string name = options.Interface ?? InterfaceOf(options.LocalEndPoint.Address);
            IPAddress[] addresses = AddressesOf(name);
            Socket socket = Keep(opened, UdpSocket.Open(options with { Interface = name }));
            NetworkDevice device = InterfaceQuery.Find(socket.SafeHandle, name) ?? throw NoInterface(name);
            RequireEthernet(device, options);
            RequireOneQueue(device, options);
            PacketArena arena = Keep(opened, new PacketArena(
                (long)options.FramesPerDirection * options.FrameBytes, options.FramesPerDirection, options.FrameBytes,
                KernelPath.PacketBytes));
            KernelPath kernelPath = Keep(opened, new KernelPath(socket, arena));
            PacketAddress local = new(kernelPath.LocalEndPoint);
            PacketAddress source = local.IPv4 == 0 || local.IsMulticast ? new PacketAddress(addresses[0], local.Port) : local;
            NeighbourTable neighbours = Keep(opened, new NeighbourTable(device, source, options));
            uint[] accepted = local.IPv4 == 0 ? [.. addresses.Select(Number)] : [local.IPv4];
            XdpAttachment attachment = Keep(opened, XdpAttachment.Open(
                options, device, arena, local.Port, [.. accepted, .. options.MulticastGroups.Select(Number)]));
            return new XdpTransport(options, new XdpParts(attachment, kernelPath, neighbours, arena, device));
        }
        catch
        {
            opened.Reverse();
            opened.ForEach(part => part.Dispose());
            throw;
        }
    }

    private static void RequireSupport(PacketTransportOptions options)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new EstreamTransportException("AF_XDP exists on Linux only. Use udp.", TransportFailure.Kernel);
        }

        if (!options.IsIPv4)
        {
            throw new EstreamTransportException(
                $"af_xdp supports IPv4 only, and {options.LocalEndPoint} is an IPv6 address. Use an IPv4 address, or udp.",
                TransportFailure.Option);
        }

        if (options.MulticastLoopback)
        {
            throw new EstreamTransportException(
                "af_xdp cannot deliver multicast packets to receivers on this machine. Turn MulticastLoopback off, or use udp.",
                TransportFailure.Option);
        }
    }

    private static void RequireEthernet(NetworkDevice device, PacketTransportOptions options)
    {
        if (!device.IsEthernet)
        {
            throw new EstreamTransportException($"The interface '{device.Name}' is not an Ethernet interface. Use another one, or udp.",
                TransportFailure.Interface);
        }

        int room = options.FrameBytes - XdpAttachment.KernelHeadroom - UdpFrame.Ip;
        if (device.Mtu > room)
        {
            throw new EstreamTransportException(
                $"The MTU of '{device.Name}' is {device.Mtu} bytes, and a frame of {options.FrameBytes} bytes receives packets of at most "
                + $"{room}. Reduce the MTU, set FrameBytes to 4096, or use udp.", TransportFailure.Option);
        }
    }

    // The card distributes packets over its queues, and a transport receives from one of them; the others would take the slow way.
    private static void RequireOneQueue(NetworkDevice device, PacketTransportOptions options)
    {
        if (options.Transport == PacketTransportKind.Auto && device.ReceiveQueues > 1)
        {
            throw new EstreamTransportException(
                $"The interface '{device.Name}' has {device.ReceiveQueues} receive queues, and AF_XDP receives from queue "
                + $"{options.QueueId} only. Reduce them (ethtool -L {device.Name} combined 1), or send the port to that queue "
                + "(ethtool -N) and set Transport to AfXdp.", TransportFailure.Driver);
        }
    }

    private static string InterfaceOf(IPAddress address)
    {
        NetworkInterface? found = NetworkInterface.GetAllNetworkInterfaces().FirstOrDefault(
            one => one.GetIPProperties().UnicastAddresses.Any(unicast => unicast.Address.Equals(address)));
        return found?.Name ?? throw new EstreamTransportException(
            $"af_xdp needs an interface, and none has the local address {address}. Set Interface, or use udp.", TransportFailure.Interface);
    }

    private static IPAddress[] AddressesOf(string name)
    {
        NetworkInterface device = NetworkInterface.GetAllNetworkInterfaces().FirstOrDefault(one => one.Name == name)
            ?? throw NoInterface(name);
        IPAddress[] addresses = [.. device.GetIPProperties().UnicastAddresses.Select(unicast => unicast.Address)
            .Where(address => address.AddressFamily == AddressFamily.InterNetwork)];
        return addresses.Length > 0
            ? addresses
            : throw new EstreamTransportException(
                $"The interface '{name}' has no IPv4 address. Add one (ip addr add), or use another interface.",
                TransportFailure.Interface);
    }

    private static EstreamTransportException NoInterface(string name) => new(
        $"This network namespace has no interface '{name}'. Correct Interface in the options.", TransportFailure.Interface);

    private static uint Number(IPAddress address) => new PacketAddress(address, 0).IPv4;

    private static T Keep<T>(List<IDisposable> opened, T part)
        where T : IDisposable
    {
        opened.Add(part);
        return part;
    }

    private sealed record XdpParts(
        XdpAttachment Attachment, KernelPath KernelPath, NeighbourTable Neighbours, PacketArena Arena, NetworkDevice Device);
}
