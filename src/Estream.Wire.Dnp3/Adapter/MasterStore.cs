using System.Text;
using Estream.Core;
using Estream.Wire.Dnp3.Codec;
using Estream.Wire.Dnp3.Session;

namespace Estream.Wire.Dnp3.Adapter;

/// <summary>Stores the measurements of one channel in queues: one message for each. Used by the reader of the channel; allocates
/// nothing.</summary>
internal sealed class MasterStore(
    IngressWriter writer, AdapterCounters counters, DeviceNames names, Func<MasterSession, int> deviceOf, IClock clock)
    : IMeasurementStore, IDisposable
{
    private readonly byte[][] _topics =
        [.. Enumerable.Range(0, names.Devices).Select(device => (byte[])[.. Encoding.UTF8.GetBytes("values/"), .. names.Device(device)])];

    private readonly byte[] _payload = new byte[ValueTranslator.PayloadBytes];
    private int _stored;
    private long _receivedAt;

    /// <inheritdoc/>
    public bool TryStore(MasterSession session, ReadOnlySpan<byte> fragment)
    {
        if (_stored == 0)
        {
            _receivedAt = clock.UtcNanos;
        }

        bool isWhole = true;
        try
        {
            ApplicationHeader.TryRead(fragment, out ApplicationHeader header);
            MeasurementReader reader = new(fragment[header.Length..], (header.Indications & Indications.NeedTime) == 0);
            int device = deviceOf(session);
            for (int one = 0; reader.MoveNext(); one++)
            {
                if (one < _stored)
                {
                    continue;
                }

                if (!TryAppend(device, reader.Current))
                {
                    return isWhole = false;
                }

                // The octets of the fragment count with its first measurement.
                counters.Receive(one == 0 ? fragment.Length : 0);
                _stored = one + 1;
            }

            return true;
        }
        finally
        {
            // Also after an exception, so that the next fragment is stored from its start.
            _stored = isWhole ? 0 : _stored;
            writer.Release();
        }
    }

    /// <inheritdoc/>
    public ValueTask WaitDurableAsync(CancellationToken cancellation) => writer.WaitDurableAsync(cancellation);

    /// <inheritdoc/>
    public void Reset() => _stored = 0;

    public void Dispose() => writer.Dispose();

    private bool TryAppend(int device, in Dnp3Measurement one)
    {
        ValueTranslator.WritePayload(device, one, _receivedAt, _payload);
        IngressStatus status = writer.Append(new WireMessage(_topics[device], _payload));
        if (status is IngressStatus.DeadLettered or IngressStatus.NotMapped)
        {
            counters.Reject();
        }

        return status != IngressStatus.Blocked;
    }
}
