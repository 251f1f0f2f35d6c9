using System.Security.Cryptography;
using System.Text;
using Estream.Trading;
using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Translation;

namespace Estream.Wire.Fix.Internal;

/// <summary>
/// Fills on their way out. A report says how its order stands, which a fill does not: that follows from the orders that came in from the
/// same counterparty and the reports that went out to it. The journal has both, so that a restart begins where the last process was.
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

    // Who reports a fill is alone until it is in the journal: the next one of the order stands on it.
    private readonly Lock _reporting = new();

    /// <param name="targetCompId">Whose orders they are of.</param>
    /// <param name="protocol">The version of the messages.</param>
    /// <param name="createTranslator">Makes a translator that nobody else uses: one of orders, one of reports.</param>
    /// <param name="options">What the adapter is.</param>
    /// <param name="tryLetter">Puts a reason among the dead letters; false while they cannot be written.</param>
    public FixFills(
        string targetCompId, FixProtocol protocol, Func<FixTranslator> createTranslator, FixAdapterOptions options,
        Func<string, bool> tryLetter)
    {
        TargetCompId = targetCompId;
        _protocol = protocol;
        _translator = createTranslator();
        _orders = createTranslator();
        _quantityDecimals = options.Translation.QuantityDecimals;
        _tryLetter = tryLetter;
        _index = new FixFieldIndex(protocol.DataTags, MaxFields);
        _book = new FixOrderBook(options.MaxOrders);
    }

    /// <summary>Whose orders they are of.</summary>
    public string TargetCompId { get; }

    /// <summary>Takes up what earlier processes have left in the journal.</summary>
    /// <exception cref="Core.EstreamException">It cannot be read.</exception>
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

    /// <summary>Knows an order from now on, unless its queue does not get it. It is in the journal before it is in its queue, so that no
    /// fill of it comes first.</summary>
    /// <exception cref="Core.EstreamStorageException">The journal cannot be written now: the order is not known.</exception>
    public void Expect(FixSession session, in FixMessage message)
    {
        if (session.TargetCompId == TargetCompId && message.MsgType.SequenceEqual("D"u8) && TryRead(message, out FixOrderNote order)
            && _book.IsNew(order, message.Fields.Is(Tag.PossDupFlag, "Y"u8)))
        {
            session.Note(order.ToBytes());
            _book.Add(order);
        }
    }

    /// <summary>Sends a fill as the report of its order. What cannot be told of one is among the dead letters, with the reason.</summary>
    /// <param name="message">The fill.</param>
    /// <param name="send">Sends the report.</param>
    public EmitStatus Report(ReadOnlySpan<byte> message, Func<FixMessageBuilder, EmitStatus> send)
    {
        if (!EStreamFill.View.TryOf(message, out EStreamFill.View fill))
        {
            return new EmitStatus(EmitCode.Refused, "the payload is not one that TranslateEgress has made");
        }

        lock (_reporting)
        {
            FixFilled filled = FixFilled.Of(fill);
            if (filled.Quantity == 0)
            {
                return Refuse(fill, "its quantity is 0, and a report is one of something that was filled");
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

    /// <summary>By its names alone: the fill itself is in the queue it came from.</summary>
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

    /// <summary>Reads an order that came in; false for one that translation refuses, and of which nothing can be filled.</summary>
    private bool TryRead(in FixMessage message, out FixOrderNote note)
    {
        Span<byte> bytes = stackalloc byte[EStreamOrder.MaxLength];
        note = _orders.ToEsf(message, bytes, out int length).IsOk
            ? FixOrderNote.Of(EStreamOrder.View.Of(bytes[..length]), _quantityDecimals)
            : default;

        // Who submitted it is private.
        CryptographicOperations.ZeroMemory(bytes);
        return note.Quantity > 0;
    }

    /// <summary>Quantities may have had other decimals. An order whose quantity has more of them than there are now is not known.</summary>
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

    /// <summary>Only trades are reports of fills; the rest of what was sent says nothing here. The order of a fill that cannot be read any
    /// more is not known.</summary>
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
            // A journal of another version is refused by now; one that was taken up before that may hold reports of both.
            Forget(message);
        }
    }

    /// <summary>A report names its order in 37, however the counterparty calls it.</summary>
    private void Forget(in FixMessage report)
    {
        Span<byte> id = stackalloc byte[FixIdText.Length];
        if (report.Fields.TryGet(FixTags.OrderId, out ReadOnlySpan<byte> name) && FixIdText.TryRead(name, id))
        {
            _book.Forget(FixId.Of(id));
        }
    }
}
