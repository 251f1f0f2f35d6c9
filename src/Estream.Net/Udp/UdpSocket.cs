using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Estream.Net.Internal;
using Estream.Net.Internal.Kernel;

namespace Estream.Net.Udp;

/// <summary>Opens UDP sockets with the options of a transport: interface, groups, buffers, busy polling.</summary>
internal static class UdpSocket
{
    private const int LevelIPv4 = 0;
    private const int MulticastInterface = 32;
    private const int AddMembership = 35;
    private const int OnlyJoinedGroups = 49;
    private const int MulticastRequestBytes = 12;

    /// <summary>Opens a bound, non-blocking socket in the namespace of the calling thread.</summary>
    /// <exception cref="EstreamTransportException">The kernel refused an option.</exception>
    public static Socket Open(PacketTransportOptions options)
    {
        Socket socket = new(options.LocalEndPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
        try
        {
            int index = options.Interface is null ? 0 : BindToInterface(socket, options.Interface);
            if (options.MulticastGroups.Count > 0)
            {
                // Several receivers of one machine may join the same group.
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            }

            socket.Bind(options.LocalEndPoint);
            SetBuffers(socket, options.SocketBufferBytes);
            SetBusyPoll(socket, options.BusyPollMicroseconds);
            SetMulticast(socket, options, index);
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw Refused(options, e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static EstreamTransportException Refused(PacketTransportOptions options, SocketException e)
    {
        (TransportFailure failure, string advice) = e.SocketErrorCode switch
        {
            SocketError.AddressAlreadyInUse => (TransportFailure.InUse, "Another program uses the port. Stop it, or choose another port."),
            SocketError.AddressNotAvailable => (TransportFailure.Interface, "No interface has the address. Correct LocalEndPoint."),
            SocketError.AccessDenied => (TransportFailure.Permission, "The port or option needs a capability. Choose a port above 1023."),
            SocketError.AddressFamilyNotSupported => (TransportFailure.Kernel, "The kernel is built without this address family."),
            _ => (TransportFailure.Other, "Check LocalEndPoint, Interface and MulticastGroups."),
        };
        return new EstreamTransportException(
            $"A UDP socket for {options.LocalEndPoint} could not be opened: {e.Message}. {advice}", failure, e.NativeErrorCode, e);
    }

    private static int BindToInterface(Socket socket, string name)
    {
        NetworkDevice device = InterfaceQuery.Find(socket.SafeHandle, name) ?? throw new EstreamTransportException(
            $"This network namespace has no interface '{name}'. Correct Interface in the options.", TransportFailure.Interface);
        socket.SetRawSocketOption(NativeMethods.LevelSocket, NativeMethods.OptionBindToDevice, Encoding.ASCII.GetBytes(name + "\0"));
        return device.Index;
    }

    private static void SetBuffers(Socket socket, int bytes)
    {
        if (bytes == 0)
        {
            return;
        }

        // The forced forms exceed the limits of the system; they need CAP_NET_ADMIN.
        if (KernelSocket.TrySetOption(
            socket.SafeHandle, NativeMethods.LevelSocket, NativeMethods.OptionReceiveBufferForce, bytes) != 0)
        {
            socket.ReceiveBufferSize = bytes;
        }

        if (KernelSocket.TrySetOption(socket.SafeHandle, NativeMethods.LevelSocket, NativeMethods.OptionSendBufferForce, bytes) != 0)
        {
            socket.SendBufferSize = bytes;
        }
    }

    private static void SetBusyPoll(Socket socket, int microseconds)
    {
        if (microseconds > 0 && KernelSocket.TrySetOption(
            socket.SafeHandle, NativeMethods.LevelSocket, NativeMethods.OptionBusyPoll, microseconds) is int error and not 0)
        {
            throw new EstreamTransportException(
                $"The kernel refused to poll the driver (SO_BUSY_POLL, errno {error}). Grant CAP_NET_ADMIN, or set "
                + $"{nameof(PacketTransportOptions.BusyPollMicroseconds)} to 0.",
                TransportFailure.Permission, error);
        }
    }

    private static void SetMulticast(Socket socket, PacketTransportOptions options, int interfaceIndex)
    {
        if (options.IsIPv4)
        {
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastTimeToLive, options.MulticastTimeToLive);
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastLoopback, options.MulticastLoopback);

            // Otherwise a socket bound to any address also receives groups that other sockets have joined.
            socket.SetRawSocketOption(LevelIPv4, OnlyJoinedGroups, BitConverter.GetBytes(0));
            if (interfaceIndex != 0)
            {
                socket.SetRawSocketOption(LevelIPv4, MulticastInterface, Request(IPAddress.Any, interfaceIndex, options));
            }

            foreach (IPAddress group in options.MulticastGroups)
            {
                socket.SetRawSocketOption(LevelIPv4, AddMembership, Request(group, interfaceIndex, options));
            }
        }
        else
        {
            socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastTimeToLive, options.MulticastTimeToLive);
            socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastLoopback, options.MulticastLoopback);
            socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastInterface, interfaceIndex);
            foreach (IPAddress group in options.MulticastGroups)
            {
                socket.SetSocketOption(
                    SocketOptionLevel.IPv6, SocketOptionName.AddMembership, new IPv6MulticastOption(group, interfaceIndex));
            }
        }
    }

    /// <summary>struct ip_mreqn: group, address of the interface, index of the interface.</summary>
    private static byte[] Request(IPAddress group, int interfaceIndex, PacketTransportOptions options)
    {
        byte[] request = new byte[MulticastRequestBytes];
        group.TryWriteBytes(request, out _);
        if (interfaceIndex == 0 && !new PacketAddress(options.LocalEndPoint).IsMulticast)
        {
            options.LocalEndPoint.Address.TryWriteBytes(request.AsSpan(4), out _);
        }

        BinaryPrimitives.WriteInt32LittleEndian(request.AsSpan(8), interfaceIndex);
        return request;
    }
}
