using System.Net;
using Estream.Net;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>The rows <c>af_xdp</c> and <c>udp</c> of `packets`: two transports of the product.</summary>
internal sealed class TransportPath : PacketPath
{
    private readonly PacketTransport _sender;
    private readonly PacketTransport _receiver;

    public TransportPath(PacketNamespaces namespaces, PacketTransportKind kind)
    {
        PacketTransportOptions options = new()
        {
            Transport = kind,
            BatchSize = PacketWorkload.Batch,
            LocalEndPoint = new IPEndPoint(PacketNamespaces.SenderAddress, PacketWorkload.Port),
            RemoteEndPoint = new IPEndPoint(PacketNamespaces.ReceiverAddress, PacketWorkload.Port),
            NetworkNamespace = namespaces.Sender,
            Interface = namespaces.SenderInterface,
        };
        _sender = PacketTransport.Open(options);
        _receiver = PacketTransport.Open(options with
        {
            LocalEndPoint = options.RemoteEndPoint,
            RemoteEndPoint = options.LocalEndPoint,
            NetworkNamespace = namespaces.Receiver,
            Interface = namespaces.ReceiverInterface,
        });
    }

    public override int Send(long first, int count)
    {
        _sender.Flush();
        using SendBatch batch = _sender.Reserve(count);
        for (int i = 0; i < batch.Count; i++)
        {
            PacketWorkload.Stamp(batch[i], first + i);
            batch.SetLength(i, PacketWorkload.PayloadBytes);
        }

        int sent = batch.Count;
        batch.Send();
        return sent;
    }

    public override int Receive(long expected)
    {
        using ReceivedBatch batch = _receiver.Receive();
        for (int i = 0; i < batch.Count; i++)
        {
            PacketWorkload.Require(batch[i].Payload, expected + i);
        }

        return batch.Count;
    }

    public override void Dispose()
    {
        PacketCounters sent = _sender.ReadCounters();
        PacketCounters received = _receiver.ReadCounters();
        _sender.Dispose();
        _receiver.Dispose();
        if (sent.SendDropped + received.ReceiveDropped + received.RingFull + received.InvalidPackets != 0)
        {
            throw new ScenarioException($"packets were dropped: {sent}, {received}");
        }
    }
}
