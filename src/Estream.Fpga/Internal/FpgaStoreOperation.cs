using Estream.Circuits.Operations;
using Estream.Esf;

namespace Estream.Fpga.Internal;

/// <summary>Executes puts and exchanges by version. The card checks the key's existence and version; the host writes the map.</summary>
/// <remarks>
/// The card knows only the changes that were made through the card. If another writer has changed the map, the card's answer differs from
/// the host's result, and the card forgets the key. The card's engine does not support exchanges that expect a value instead of a version:
/// the host executes such an exchange alone, and the card forgets the key if the exchange changed it.
/// </remarks>
internal sealed class FpgaStoreOperation : FpgaOperation
{
    private readonly EsfField _key;
    private readonly EsfField _value;
    private readonly EsfField? _expectedVersion;
    private readonly EsfField _version;
    private readonly CardBurst _forgetting = new();

    // The version of the map's last change, if the map has versions.
    private long _lastVersion;

    // True if the card had no room for a key of this batch.
    private bool _isFull;

    public FpgaStoreOperation(CircuitOperation operation, IExecutableOperation host, CardSlots cards, object map)
        : base(operation, host, cards, map)
    {
        _key = RequestField("key");
        _value = RequestField("value");
        _expectedVersion = operation.Kind == OperationKind.MapCas ? RequestField("expected_version") : null;
        _version = ResultField("version");
    }

    protected override bool HasEngine(FpgaInfo card) => card.HasMap;

    protected override void Ask(CardBurst burst, CardLane lane, int index, ReadOnlySpan<byte> request)
    {
        long expected = 0;
        bool isForCard = _expectedVersion is null || (_expectedVersion.TryGetInt64(request, out expected) && expected >= 0);
        if (isForCard && burst.CanSend(0))
        {
            _ = _value.TryGetBytes(request, out ReadOnlySpan<byte> value);
            CardOperation operation = _expectedVersion is null ? CardOperation.MapPut : CardOperation.MapCas;
            FpgaWriting.Entry(ref burst.Send(index), operation, (ushort)lane.Number, PrintOf(lane, request), KeyPrint.Of(0, value).Low,
                (ulong)expected);
        }
    }

    protected override bool Agrees(CardSlot slot, in CardAnswer answer, ReadOnlySpan<byte> request, ReadOnlySpan<byte> result,
        OperationStatus status)
    {
        bool hasChanged = status is OperationStatus.Created or OperationStatus.Replaced;
        bool hasVersion = _version.TryGetInt64(result, out long version);
        _lastVersion = hasChanged && hasVersion ? version : _lastVersion;
        _isFull |= answer.IsAnswered && answer.Status == CardStatus.Full;
        if (!answer.IsAnswered)
        {
            return !hasChanged;
        }

        bool isSame = answer.Status switch
        {
            // The card answers Created for a key that it did not know; the host reports Replaced if its map already had the key. This is
            // not a disagreement: from this change on, the card knows the key.
            CardStatus.Created => hasChanged,
            CardStatus.Replaced => status == OperationStatus.Replaced,
            CardStatus.Conflict => status == OperationStatus.Conflict,
            CardStatus.Absent => status == OperationStatus.Absent,
            _ => false,
        };
        return isSame && (!hasVersion || answer.Sequence == (ulong)version);
    }

    protected override void Correct(CardSlot slot, CardLane lane, MessageBatch requests, ReadOnlySpan<int> disagreed)
    {
        if (_isFull)
        {
            _isFull = false;
            slot.Renew();
            return;
        }

        if (disagreed.IsEmpty)
        {
            return;
        }

        _forgetting.Begin(slot, disagreed.Length);
        for (int i = 0; i < disagreed.Length && _forgetting.CanSend(0); i++)
        {
            FpgaWriting.Entry(ref _forgetting.Send(i), CardOperation.MapDelete, (ushort)lane.Number, PrintOf(lane, requests[disagreed[i]]),
                0, 0);
        }

        if (_forgetting.Finish() && _lastVersion > 0)
        {
            _ = slot.SetLastVersion(lane.Number, _lastVersion);
        }
    }

    private KeyPrint PrintOf(CardLane lane, ReadOnlySpan<byte> request)
    {
        _ = _key.TryGetBytes(request, out ReadOnlySpan<byte> key);
        return KeyPrint.Of(lane.Seed, key);
    }
}
