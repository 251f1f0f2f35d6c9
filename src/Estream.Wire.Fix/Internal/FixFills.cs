using System.Security.Cryptography;
using System.Text;
using Estream.Fix;
using Estream.Trading;
using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Translation;

namespace Estream.Wire.Fix.Internal;

/// <summary>
/// Sends fills as execution reports. A report states the state of its order, which a fill does not contain. The state is derived from the
/// orders received from the same counterparty and the reports sent to it. Both are in the journal, so the state survives a restart.
/// </summary>
internal sealed class FixFills
{
    private const int MaxFields = 2_048;

    private readonly FixProtocol _protocol;
    private readonly FixTranslator _translator;
    private readonly FixTranslator _orders;
    private readonly int _quantityDecimals;
    private readonly Func<string, bool> _tryLetter;
    private readonly FixFieldIndex _index;
    private readonly FixOrderBook _book;
    private readonly FixMessageBuilder _report = new("0");

    // The lock is held until the report is in the journal, because the next report of the order builds on the state in this report.
    private readonly Lock _reporting = new();

    /// <param name="targetCompId">The counterparty that sent the orders.</param>
    /// <param name="protocol">The version of the messages.</param>
    /// <param name="createTranslator">Creates a translator to a schema for exclusive use; called once for orders and once for
    /// reports.</param>
    /// <param name="options">The options of the adapter.</param>
    /// <param name="tryLetter">Writes a reason to the dead letters; false if they cannot be written now.</param>
    public FixFills(
        string targetCompId, FixProtocol protocol, Func<string, FixTranslator> createTranslator, FixAdapterOptions options,
        Func<string, bool> tryLetter)
    {
        TargetCompId = targetCompId;
        _protocol = protocol;
        _translator = createTranslator(FixAdapterChecks.FillSchema);
        _orders = createTranslator(options.Mappings.First(mapping => mapping.MsgType == "D").SchemaName!);
        _quantityDecimals = options.Translation.QuantityDecimals;
        _tryLetter = tryLetter;
        _index = new FixFieldIndex(protocol.DataTags, MaxFields);
        _book = new FixOrderBook(options.MaxOrders);
    }

    /// <summary>The counterparty that sent the orders.</summary>
    public string TargetCompId { get; }

    /// <summary>Rebuilds the order book from the journal.</summary>
    /// <exception cref="Core.EstreamException">The journal cannot be read.</exception>
    public void Recover(FixSession session)
    {
        byte[] fill = new byte[EStreamFill.MaxLength];
        session.ReadJournal((isNote, content) =>
        {
            if (!isNote)
            {
                RecoverReport(content, fill);
            }
            else if (FixOrderNote.TryRead(content, _quantityDecimals, out FixOrderNote order))
            {
                RecoverOrder(order);
            }
        });
    }

    /// <summary>Records a received order. The order is written to the journal before its queue, so that no fill of the order can arrive
    /// before the order is recorded.</summary>
    /// <exception cref="Core.EstreamStorageException">The journal cannot be written now; the order was not recorded.</exception>
    public void Expect(FixSession session, in FixMessage message)
    {
        if (session.TargetCompId == TargetCompId && message.MsgType.SequenceEqual("D"u8) && TryRead(message, out FixOrderNote order)
            && _book.IsNew(order, message.Fields.Is(Tag.PossDupFlag, "Y"u8)))
        {
            session.Note(order.ToBytes());
            _book.Add(order);
        }
    }

    /// <summary>Sends a fill as an execution report. If no report is possible, the reason is written to the dead letters.</summary>
    /// <param name="message">The fill.</param>
    /// <param name="send">Sends the report.</param>
    public EmitStatus Report(ReadOnlySpan<byte> message, Func<FixMessageBuilder, EmitStatus> send)
    {
        if (!EStreamFill.View.TryOf(message, out EStreamFill.View fill))
        {
            return new EmitStatus(EmitCode.Refused, "the payload was not created by TranslateEgress");
        }

        lock (_reporting)
        {
            FixFilled filled = FixFilled.Of(fill);
            if (filled.Quantity == 0)
            {
                return Refuse(fill, "its quantity is 0, and an execution report needs a filled quantity");
            }

            if (!_book.TryStand(filled, out FixStanding standing, out string? refusal))
            {
                return Refuse(fill, refusal);
            }

            FixFillState state = new(standing.Filled, standing.Open, standing.Average, standing.ClientOrderId);
            TranslateStatus status = _translator.ToFix(new EsfMessage(EStreamFill.Schema, message), state, _report);
            if (!status.IsOk)
            {
                return Refuse(fill, status.Describe(default));
            }

            EmitStatus sent = send(_report);
            if (sent.IsOk)
            {
                _book.Take(filled);
            }

            return sent.Code == EmitCode.Refused ? Refuse(fill, sent.Detail) : sent;
        }
    }

    /// <summary>Writes a dead letter that names the fill and its order; the fill itself remains in its queue.</summary>
    private EmitStatus Refuse(EStreamFill.View fill, string reason)
    {
        string words = $"fill {NameOf(fill.FillId)} of order {NameOf(fill.OrderId)} was not reported to {TargetCompId}: {reason}";
        return _tryLetter(words)
            ? new EmitStatus(EmitCode.Refused, words)
            : new EmitStatus(EmitCode.Deferred, "the dead letters cannot be written");
    }

    private static string NameOf(ReadOnlySpan<byte> id)
    {
        Span<byte> text = stackalloc byte[FixIdText.MaxTextLength];
        return Encoding.UTF8.GetString(text[..FixIdText.Write(id, text)]);
    }

    /// <summary>Reads a received order; false if translation refuses it or its quantity is 0.</summary>
    private bool TryRead(in FixMessage message, out FixOrderNote note)
    {
        note = default;
        Span<byte> bytes = stackalloc byte[Math.Max(EStreamOrder.MaxLength, FixNewOrderSingle.MaxLength)];
        if (_orders.ToEsf(message, bytes, out int length).IsOk
            && !(FixNewOrderSingle.View.TryOf(bytes[..length], out FixNewOrderSingle.View order)
            && FixOrderNote.TryOf(order, _quantityDecimals, out note))
            && EStreamOrder.View.TryOf(bytes[..length], out EStreamOrder.View plain))
        {
            note = FixOrderNote.Of(plain, _quantityDecimals);
        }

        // The bytes contain the submitter, which is private.
        CryptographicOperations.ZeroMemory(bytes);
        return note.Quantity > 0;
    }

    /// <summary>Adds an order from the journal, scaled to the current decimals. An order whose quantity does not fit them exactly is
    /// dropped.</summary>
    private void RecoverOrder(in FixOrderNote order)
    {
        if (order.TryScale(_quantityDecimals, out FixOrderNote scaled))
        {
            _book.Add(scaled);
        }
        else
        {
            _book.Forget(order.Id);
        }
    }

    /// <summary>Applies a sent message if it is a report of a trade; other messages are ignored. If a trade can no longer be read, its
    /// order is dropped.</summary>
    private void RecoverReport(ReadOnlySpan<byte> content, byte[] destination)
    {
        _index.Parse(content);
        FixMessage message = new(content, _index);
        if (_index.Fault.IsFault || !message.MsgType.SequenceEqual("8"u8))
        {
            return;
        }

        TranslateStatus status = _translator.ToEsf(message, destination, out int length);
        if (status.IsOk && EStreamFill.View.TryOf(destination.AsSpan(0, length), out EStreamFill.View fill))
        {
            _book.Take(FixFilled.Of(fill));
        }
        else if (status.Code != TranslateCode.NotMapped || !message.Fields.Is(Tag.BeginString, _protocol.BeginStringSpan))
        {
            // Journals of another version are rejected today, but an old journal may hold reports of two versions.
            Forget(message);
        }
    }

    /// <summary>Drops the order that a report names in OrderID (37).</summary>
    private void Forget(in FixMessage report)
    {
        Span<byte> id = stackalloc byte[FixIdText.Length];
        if (report.Fields.TryGet(FixTags.OrderId, out ReadOnlySpan<byte> name) && FixIdText.TryRead(name, id))
        {
            _book.Forget(FixId.Of(id));
        }
    }
}
