using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;
using Microsoft.Win32.SafeHandles;

namespace Estream.Scenarios.Peers.Packets;

/// <summary>The <c>sendmmsg</c> row of `packets`: the calls sendmmsg and recvmmsg on two connected UDP sockets, one call per batch, as a C#
/// program makes them that uses no library. The message headers are prepared once.</summary>
internal sealed class MessagePath : PacketPath
{
    private readonly Socket _sender;
    private readonly Socket _receiver;
    private readonly MessageTable _send = new(PacketWorkload.Batch);
    private readonly MessageTable _receive = new(PacketWorkload.Batch);
    private readonly byte[] _payload = new byte[PacketWorkload.PayloadBytes];
    private readonly byte[] _arrived = new byte[PacketWorkload.PayloadBytes];

    public MessagePath(PacketNamespaces namespaces)
    {
        IPEndPoint sender = new(PacketNamespaces.SenderAddress, PacketWorkload.Port);
        IPEndPoint receiver = new(PacketNamespaces.ReceiverAddress, PacketWorkload.Port);
        _receiver = Open(namespaces.Receiver, receiver, sender);
        _sender = Open(namespaces.Sender, sender, receiver);
    }

    public override int Send(long first, int count)
    {
        for (int i = 0; i < count; i++)
        {
            PacketWorkload.Stamp(_payload, first + i);
            Marshal.Copy(_payload, 0, _send.Payload(i), PacketWorkload.PayloadBytes);
        }

        int sent = NativeMethods.SendMessages((int)_sender.Handle, _send.Messages, (uint)count, NativeMethods.DontWait);
        return sent >= 0 || Marshal.GetLastPInvokeError() == NativeMethods.TryAgain
            ? Math.Max(sent, 0)
            : throw new ScenarioException($"sendmmsg failed with errno {Marshal.GetLastPInvokeError()}");
    }

    public override int Receive(long expected)
    {
        int count = NativeMethods.ReceiveMessages(
            (int)_receiver.Handle, _receive.Messages, PacketWorkload.Batch, NativeMethods.DontWait, 0);
        if (count < 0 && Marshal.GetLastPInvokeError() != NativeMethods.TryAgain)
        {
            throw new ScenarioException($"recvmmsg failed with errno {Marshal.GetLastPInvokeError()}");
        }

        for (int i = 0; i < count; i++)
        {
            Marshal.Copy(_receive.Payload(i), _arrived, 0, PacketWorkload.PayloadBytes);
            PacketWorkload.Require(_arrived.AsSpan(0, _receive.LengthOf(i)), expected + i);
        }

        return Math.Max(count, 0);
    }

    public override void Dispose()
    {
        _sender.Dispose();
        _receiver.Dispose();
        _send.Dispose();
        _receive.Dispose();
    }

    // A socket stays in the namespace of the thread that has created it; the thread ends there.
    private static Socket Open(string networkNamespace, IPEndPoint local, IPEndPoint remote)
    {
        Socket? socket = null;
        Thread thread = new(() =>
        {
            using SafeFileHandle file = File.OpenHandle($"/run/netns/{networkNamespace}");
            if (NativeMethods.EnterNamespace((int)file.DangerousGetHandle(), NativeMethods.NewNetworkNamespace) == 0)
            {
                socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
                socket.Bind(local);
                socket.Connect(remote);
            }
        });
        thread.Start();
        thread.Join();
        return socket ?? throw new ScenarioException($"no socket could be created in the namespace '{networkNamespace}'");
    }
}
