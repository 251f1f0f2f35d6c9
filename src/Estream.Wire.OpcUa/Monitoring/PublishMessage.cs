using Estream.Wire.OpcUa.Codec;
using Estream.Wire.OpcUa.Services;
using Estream.Wire.OpcUa.Transport;

namespace Estream.Wire.OpcUa.Monitoring;

/// <summary>A Publish response (Part 4, 5.14.5); its data is part of the response of the exchange.</summary>
internal readonly struct PublishMessage
{
    /// <summary>The result of the service.</summary>
    public UaStatus Status { get; private init; }

    public uint Subscription { get; private init; }

    /// <summary>The number of the message; of a keep-alive, the number of the next message.</summary>
    public uint Sequence { get; private init; }

    /// <summary>Whether the message has no notifications.</summary>
    public bool IsKeepAlive { get; private init; }

    /// <summary>The status of the whole subscription, if the message reports one.</summary>
    public UaStatus? SubscriptionStatus { get; private init; }

    /// <summary>The encoded array of notifications.</summary>
    public ReadOnlyMemory<byte> Data { get; private init; }

    /// <summary>Decodes a response. Allocates nothing.</summary>
    public static PublishMessage Read(Exchange exchange)
    {
        UaReader reader = new(exchange.Response);
        uint type = reader.TypeNumber();
        UaStatus status = ResponseHeader.Read(ref reader);
        if (status.IsBad || reader.IsFailed || type != TypeNumbers.PublishResponse)
        {
            return new PublishMessage { Status = status.IsBad ? status : UaStatus.BadDecodingError };
        }

        uint subscription = reader.UInt32();
        reader.Take(sizeof(uint) * reader.ArrayLength(sizeof(uint)));
        reader.Boolean();
        uint sequence = reader.UInt32();
        reader.Int64();
        ReadOnlyMemory<byte> rest = exchange.ResponseMemory[^reader.Rest.Length..];
        int count = reader.ArrayLength(3);
        UaStatus? whole = null;
        for (int index = 0; index < count; index++)
        {
            ReadOnlySpan<byte> body = reader.ExtensionObject(out uint kind);
            if (kind == TypeNumbers.StatusChangeNotification)
            {
                UaReader change = new(body);
                whole = change.Status();
            }
        }

        return new PublishMessage
        {
            Status = reader.IsFailed ? UaStatus.BadDecodingError : UaStatus.Good,
            Subscription = subscription,
            Sequence = sequence,
            IsKeepAlive = count == 0,
            SubscriptionStatus = whole,
            Data = rest[..(rest.Length - reader.Rest.Length)],
        };
    }
}

/// <summary>Reads the values of notifications one after the other; allocates nothing.</summary>
internal ref struct NotificationReader
{
    private UaReader _messages;
    private UaReader _items;
    private int _messagesLeft;
    private int _itemsLeft;

    /// <param name="notificationData">The encoded array of notifications.</param>
    public NotificationReader(ReadOnlySpan<byte> notificationData)
    {
        _messages = new UaReader(notificationData);
        _messagesLeft = _messages.ArrayLength(3);
    }

    /// <summary>The handle of the item; <see cref="uint.MaxValue"/> if it cannot be decoded.</summary>
    public uint Handle { get; private set; }

    /// <summary>The encoded DataValue; empty if it cannot be decoded.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>The number of values that are lost at this place: 0, or the value and those after it that cannot be found.</summary>
    public int Lost { get; private set; }

    /// <summary>The status of the value.</summary>
    public UaStatus Status { get; private set; }

    /// <summary>Whether the rest of the message cannot be decoded.</summary>
    public bool IsFailed { get; private set; }

    /// <summary>Advances to the next value, also to one that cannot be decoded. Notifications that are not values are skipped. After a
    /// value whose end is unknown, the next notification follows.</summary>
    /// <returns>False at the end, or if the rest cannot be decoded.</returns>
    public bool MoveNext()
    {
        while (_itemsLeft == 0)
        {
            if (_messagesLeft-- <= 0 || _messages.IsFailed)
            {
                IsFailed |= _messages.IsFailed;
                return false;
            }

            ReadOnlySpan<byte> body = _messages.ExtensionObject(out uint type);
            if (type == TypeNumbers.DataChangeNotification)
            {
                _items = new UaReader(body);
                _itemsLeft = _items.ArrayLength(5);
            }
        }

        _itemsLeft--;
        uint handle = _items.UInt32();
        Handle = _items.IsFailed ? uint.MaxValue : handle;
        ReadOnlySpan<byte> start = _items.Rest;
        Status = DataValueView.Read(ref _items).Status;
        Value = _items.IsFailed ? default : start[..(start.Length - _items.Rest.Length)];
        Lost = !_items.IsFailed ? 0 : _items.HasLostPlace ? 1 + _itemsLeft : 1;
        _itemsLeft = _items.HasLostPlace ? 0 : _itemsLeft;
        _items.Recover();
        return true;
    }
}
