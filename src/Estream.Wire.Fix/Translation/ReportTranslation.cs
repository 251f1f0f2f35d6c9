using Estream.Fix;
using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Dictionary;

namespace Estream.Wire.Fix.Translation;

/// <summary>Translates between ExecutionReport (8) of any kind and FixExecutionReport.</summary>
internal sealed class ReportTranslation
{
    public const string MsgType = "8";

    private const int MaxName = 64;
    private const int MaxInstrument = 32;
    private const int MaxInstructions = 64;
    private const int MaxText = 1_024;
    private const int PriceDecimals = FieldReader.PriceDecimals;

    private readonly FieldPlan _plan;
    private readonly FixFieldSet? _body;
    private readonly bool _isFix42;
    private readonly int _quantityDecimals;

    public ReportTranslation(FixProtocol protocol, FixProtocolKind kind, FixTranslatorOptions options)
    {
        _plan = new FieldPlan(nameof(FixExecutionReport), Tags, options.PassingTags);
        _body = protocol.Application.Message("8"u8)?.Body;
        _isFix42 = kind == FixProtocolKind.Fix42;
        _quantityDecimals = options.QuantityDecimals;
    }

    private static ReadOnlySpan<int> Tags =>
    [
        FixTags.OrderId, FixTags.SecondaryOrderId, FixTags.ClOrdId, FixTags.OrigClOrdId, FixTags.SecondaryClOrdId, FixTags.ExecId,
        FixTags.ExecRefId, FixTags.ExecType, FixTags.ExecTransType, FixTags.OrdStatus, FixTags.OrdRejReason, FixTags.ExecRestatementReason,
        FixTags.Symbol, FixTags.SecurityId, FixTags.SecurityIdSource, FixTags.Side, FixTags.OrdType, FixTags.OrderQty, FixTags.CashOrderQty,
        FixTags.Price, FixTags.StopPx, FixTags.TimeInForce, FixTags.ExpireTime, FixTags.ExpireDate, FixTags.MinQty, FixTags.MaxFloor,
        FixTags.DisplayQty, FixTags.ExecInst, FixTags.LastQty, FixTags.LastPx, FixTags.LeavesQty, FixTags.CumQty, FixTags.AvgPx,
        FixTags.Commission, FixTags.CommType, FixTags.Currency, FixTags.LastMkt, FixTags.LastLiquidityInd, FixTags.WorkingIndicator,
        FixTags.TransactTime, FixTags.TradeDate, FixTags.SettlDate, FixTags.PossResend, Tag.SendingTime, Tag.OrigSendingTime, Tag.Text,
    ];

    private static ReadOnlySpan<int> Required =>
    [
        FixTags.OrderId, FixTags.ExecId, FixTags.ExecType, FixTags.OrdStatus, FixTags.Symbol, FixTags.Side, FixTags.LeavesQty,
        FixTags.CumQty,
    ];

    public TranslateStatus ToEsf(in FixMessage message, Span<byte> destination, out int length)
    {
        length = 0;
        // The texts are at most as long as in FIX, so this length is sufficient.
        if (destination.Length < Math.Min(FixExecutionReport.MaxLength, FixExecutionReport.FixedLength + message.Bytes.Length))
        {
            return TranslateStatus.DestinationTooSmall;
        }

        ReadOnlySpan<int> found = _plan.Find(message.Index, out int refused);
        if (refused != 0)
        {
            return _plan.Refuse(refused);
        }

        FieldReader fields = new(message.Bytes, message.Index, _plan, found);
        fields.Require(Required);
        FixExecutionReport.Writer report = FixExecutionReport.Write(destination);
        ReadNames(ref fields, ref report);
        ReadCodes(ref fields, ref report);
        ReadTerms(ref fields, ref report);
        ReadFill(ref fields, ref report);
        ReadTimes(ref fields, ref report);
        length = fields.Status.IsOk ? report.Length : 0;
        return fields.Status;
    }

    public TranslateStatus ToFix(ReadOnlySpan<byte> message, FixMessageBuilder destination)
    {
        if (!FixExecutionReport.View.TryOf(message, out FixExecutionReport.View report))
        {
            return TranslateStatus.NotMapped("the message is not a FixExecutionReport of a supported version");
        }

        destination.Clear(MsgType);
        FieldSender fields = new(destination, _body);
        fields.PossibleResend(report.PossibleResend);
        AddNames(report, ref fields);
        AddCodes(report, ref fields);
        AddTerms(report, ref fields);
        AddFill(report, ref fields);
        AddTimes(report, ref fields);
        return fields.Status;
    }

    private static void ReadNames(ref FieldReader fields, ref FixExecutionReport.Writer report)
    {
        if (fields.Text(FixTags.OrderId, MaxName, out ReadOnlySpan<byte> text))
        {
            report.SetOrderId(text);
        }

        if (fields.Text(FixTags.SecondaryOrderId, MaxName, out text))
        {
            report.SetSecondaryOrderId(text);
        }

        if (fields.Text(FixTags.ClOrdId, MaxName, out text))
        {
            report.SetClientOrderId(text);
        }

        if (fields.Text(FixTags.OrigClOrdId, MaxName, out text))
        {
            report.SetOriginalClientOrderId(text);
        }

        if (fields.Text(FixTags.SecondaryClOrdId, MaxName, out text))
        {
            report.SetSecondaryClientOrderId(text);
        }

        if (fields.Text(FixTags.ExecId, MaxName, out text))
        {
            report.SetExecId(text);
        }

        if (fields.Text(FixTags.ExecRefId, MaxName, out text))
        {
            report.SetReferenceExecId(text);
        }
    }

    /// <summary>Reads the kind of the report, the status of the order, the instrument and the side.</summary>
    private void ReadCodes(ref FieldReader fields, ref FixExecutionReport.Writer report)
    {
        bool isType = fields.Code(FixTags.ExecType, FixCodes.ExecTypes, out ReadOnlySpan<byte> code, out int value);
        bool isTransaction = fields.Text(FixTags.ExecTransType, FieldReader.MaxCode, out ReadOnlySpan<byte> transaction);
        if (isType)
        {
            report.SetExecTypeCode(code);
            if (value >= 0)
            {
                report.ExecType = _isFix42 ? TypeOfFix42((FixExecType)value, transaction) : (FixExecType)value;
            }
        }

        if (isTransaction)
        {
            report.SetExecTransactionCode(transaction);
        }

        if (fields.Code(FixTags.OrdStatus, FixCodes.OrderStatuses, out code, out value))
        {
            report.SetStatusCode(code);
            if (value >= 0)
            {
                report.Status = (FixOrderStatus)value;
            }
        }

        if (fields.Number(FixTags.OrdRejReason, out uint reason))
        {
            report.RejectReason = reason;
        }

        if (fields.Number(FixTags.ExecRestatementReason, out reason))
        {
            report.RestatementReason = reason;
        }

        if (fields.Text(FixTags.Symbol, MaxInstrument, out ReadOnlySpan<byte> text))
        {
            report.SetInstrument(text);
        }

        if (fields.Text(FixTags.SecurityId, MaxInstrument, out text))
        {
            report.SetSecurityId(text);
        }

        if (fields.Text(FixTags.SecurityIdSource, FieldReader.MaxCode, out text))
        {
            report.SetSecurityIdSourceCode(text);
        }

        if (fields.Code(FixTags.Side, FixCodes.Sides, out code, out value))
        {
            report.SetSideCode(code);
            if (value >= 0)
            {
                report.Side = (FixSide)value;
            }
        }
    }

    /// <summary>FIX 4.2 has the kind of a report in two fields: 20 says whether it is new, 150 repeats the status of the order.</summary>
    private static FixExecType TypeOfFix42(FixExecType type, ReadOnlySpan<byte> transaction)
    {
        return (transaction.Length == 1 ? transaction[0] : 0) switch
        {
            '0' when type is FixExecType.PartialFill or FixExecType.Fill => FixExecType.Trade,
            '1' => FixExecType.TradeCancel,
            '2' => FixExecType.TradeCorrect,
            '3' => FixExecType.OrderStatus,
            _ => type,
        };
    }

    /// <summary>Reads the terms of the order.</summary>
    private void ReadTerms(ref FieldReader fields, ref FixExecutionReport.Writer report)
    {
        if (fields.Code(FixTags.OrdType, FixCodes.OrderTypes, out ReadOnlySpan<byte> code, out int value))
        {
            report.SetOrderTypeCode(code);
            if (value >= 0)
            {
                report.OrderType = (FixOrderType)value;
            }
        }

        if (fields.Amount(FixTags.OrderQty, _quantityDecimals, out ulong amount))
        {
            report.Quantity = amount;
        }

        if (fields.Amount(FixTags.CashOrderQty, PriceDecimals, out amount))
        {
            report.CashQuantity = amount;
        }

        if (fields.Signed(FixTags.Price, PriceDecimals, out long price))
        {
            report.Price = price;
        }

        if (fields.Signed(FixTags.StopPx, PriceDecimals, out price))
        {
            report.StopPrice = price;
        }

        if (fields.Code(FixTags.TimeInForce, FixCodes.TimesInForce, out code, out value))
        {
            report.SetTimeInForceCode(code);
            if (value >= 0)
            {
                report.TimeInForce = (FixTimeInForce)value;
            }
        }

        if (fields.Time(FixTags.ExpireTime, out long time))
        {
            report.ExpiresAt = time;
        }

        if (fields.Text(FixTags.ExpireDate, FieldReader.MaxCode, out ReadOnlySpan<byte> text))
        {
            report.SetExpiresOn(text);
        }

        ReadShown(ref fields, ref report);
    }

    private void ReadShown(ref FieldReader fields, ref FixExecutionReport.Writer report)
    {
        if (fields.Amount(FixTags.MinQty, _quantityDecimals, out ulong amount))
        {
            report.MinQuantity = amount;
        }

        if (fields.Amount(FixTags.MaxFloor, _quantityDecimals, out amount))
        {
            report.MaxFloor = amount;
        }

        if (fields.Amount(FixTags.DisplayQty, _quantityDecimals, out amount))
        {
            report.DisplayQuantity = amount;
        }

        if (fields.Text(FixTags.ExecInst, MaxInstructions, out ReadOnlySpan<byte> text))
        {
            report.SetInstructions(text);
        }
    }

    /// <summary>Reads this fill, and the totals of the order.</summary>
    private void ReadFill(ref FieldReader fields, ref FixExecutionReport.Writer report)
    {
        if (fields.Amount(FixTags.LastQty, _quantityDecimals, out ulong amount))
        {
            report.LastQuantity = amount;
        }

        if (fields.Signed(FixTags.LastPx, PriceDecimals, out long price))
        {
            report.LastPrice = price;
        }

        report.LeavesQuantity = fields.Amount(FixTags.LeavesQty, _quantityDecimals, out amount) ? amount : 0;
        report.CumulativeQuantity = fields.Amount(FixTags.CumQty, _quantityDecimals, out amount) ? amount : 0;
        if (fields.Rounded(FixTags.AvgPx, PriceDecimals, out price))
        {
            report.AveragePrice = price;
        }

        if (fields.Signed(FixTags.Commission, PriceDecimals, out price))
        {
            report.Commission = price;
        }

        if (fields.Text(FixTags.CommType, FieldReader.MaxCode, out ReadOnlySpan<byte> text))
        {
            report.SetCommissionTypeCode(text);
        }

        if (fields.Text(FixTags.Currency, FieldReader.MaxCode, out text))
        {
            report.SetCurrency(text);
        }

        if (fields.Text(FixTags.LastMkt, MaxInstrument, out text))
        {
            report.SetVenue(text);
        }

        if (fields.Number(FixTags.LastLiquidityInd, out uint liquidity))
        {
            report.Liquidity = liquidity;
        }

        if (fields.Flag(FixTags.WorkingIndicator, out bool isWorking))
        {
            report.IsWorking = isWorking;
        }
    }

    private static void ReadTimes(ref FieldReader fields, ref FixExecutionReport.Writer report)
    {
        if (fields.Time(FixTags.TransactTime, out long time))
        {
            report.TransactedAt = time;
        }

        if (fields.Text(FixTags.TradeDate, FieldReader.MaxCode, out ReadOnlySpan<byte> text))
        {
            report.SetTradeDate(text);
        }

        if (fields.Text(FixTags.SettlDate, FieldReader.MaxCode, out text))
        {
            report.SetSettlementDate(text);
        }

        report.SentAt = fields.SentAt();
        report.PossibleResend = fields.Flag(FixTags.PossResend, out bool isPossible) && isPossible;
        if (fields.Text(Tag.Text, MaxText, out text))
        {
            report.SetText(text);
        }
    }

    private static void AddNames(in FixExecutionReport.View report, ref FieldSender fields)
    {
        fields.Text(FixTags.OrderId, report.OrderId);
        fields.Text(FixTags.SecondaryOrderId, report.SecondaryOrderId);
        fields.Text(FixTags.ClOrdId, report.ClientOrderId);
        fields.Text(FixTags.OrigClOrdId, report.OriginalClientOrderId);
        fields.Text(FixTags.SecondaryClOrdId, report.SecondaryClientOrderId);
        fields.Text(FixTags.ExecId, report.ExecId);
        fields.Text(FixTags.ExecRefId, report.ReferenceExecId);
        fields.Required(FixTags.Symbol, report.Instrument);
        fields.Text(FixTags.SecurityId, report.SecurityId);
        fields.Text(FixTags.SecurityIdSource, report.SecurityIdSourceCode);
        fields.Text(FixTags.Side, report.SideCode);
    }

    private void AddCodes(in FixExecutionReport.View report, ref FieldSender fields)
    {
        fields.Text(FixTags.OrdStatus, report.StatusCode);
        fields.Number(FixTags.OrdRejReason, report.RejectReason);
        fields.Number(FixTags.ExecRestatementReason, report.RestatementReason);
        if (_isFix42 && !report.HasExecTransactionCode)
        {
            AddTypeOfFix42(report, ref fields);
        }
        else if (!_isFix42 && report.HasExecTransactionCode && report.ExecType is { } type)
        {
            fields.Text(FixTags.ExecType, FixCodes.ExecTypes.Slice((int)type, 1));
        }
        else
        {
            fields.Text(FixTags.ExecType, report.ExecTypeCode);
            fields.Text(FixTags.ExecTransType, report.ExecTransactionCode);
        }
    }

    /// <summary>Adds the two fields of FIX 4.2 for a report of a later version.</summary>
    private static void AddTypeOfFix42(in FixExecutionReport.View report, ref FieldSender fields)
    {
        FixExecType? type = report.ExecType;
        if (type >= FixExecType.TradeInClearing)
        {
            fields.Refuse(FixTags.ExecType, "has a value that FIX 4.2 does not have");
        }

        bool isOfTrade = type is >= FixExecType.Trade and <= FixExecType.OrderStatus;
        fields.Text(FixTags.ExecType, isOfTrade ? report.StatusCode : report.ExecTypeCode);
        fields.Text(FixTags.ExecTransType, type switch
        {
            FixExecType.TradeCancel => "1"u8,
            FixExecType.TradeCorrect => "2"u8,
            FixExecType.OrderStatus => "3"u8,
            _ => "0"u8,
        });
    }

    private void AddTerms(in FixExecutionReport.View report, ref FieldSender fields)
    {
        fields.Text(FixTags.OrdType, report.OrderTypeCode);
        fields.Amount(FixTags.OrderQty, report.Quantity, _quantityDecimals);
        fields.Amount(FixTags.CashOrderQty, report.CashQuantity, PriceDecimals);
        fields.Signed(FixTags.Price, report.Price, PriceDecimals);
        fields.Signed(FixTags.StopPx, report.StopPrice, PriceDecimals);
        fields.Text(FixTags.TimeInForce, report.TimeInForceCode);
        fields.Time(FixTags.ExpireTime, report.ExpiresAt);
        fields.Text(FixTags.ExpireDate, report.ExpiresOn);
        fields.Amount(FixTags.MinQty, report.MinQuantity, _quantityDecimals);
        fields.Amount(FixTags.MaxFloor, report.MaxFloor, _quantityDecimals);
        fields.Amount(FixTags.DisplayQty, report.DisplayQuantity, _quantityDecimals);
        fields.Text(FixTags.ExecInst, report.Instructions);
    }

    private void AddFill(in FixExecutionReport.View report, ref FieldSender fields)
    {
        fields.Amount(FixTags.LastQty, report.LastQuantity, _quantityDecimals);
        fields.Signed(FixTags.LastPx, report.LastPrice, PriceDecimals);
        fields.Amount(FixTags.LeavesQty, report.LeavesQuantity, _quantityDecimals);
        fields.Amount(FixTags.CumQty, report.CumulativeQuantity, _quantityDecimals);
        fields.Signed(FixTags.AvgPx, report.AveragePrice, PriceDecimals);
        fields.Signed(FixTags.Commission, report.Commission, PriceDecimals);
        fields.Text(FixTags.CommType, report.CommissionTypeCode);
        fields.Text(FixTags.Currency, report.Currency);
        fields.Text(FixTags.LastMkt, report.Venue);
        fields.Number(FixTags.LastLiquidityInd, report.Liquidity);
        fields.Flag(FixTags.WorkingIndicator, report.IsWorking);
    }

    private static void AddTimes(in FixExecutionReport.View report, ref FieldSender fields)
    {
        fields.Time(FixTags.TransactTime, report.TransactedAt);
        fields.Text(FixTags.TradeDate, report.TradeDate);
        fields.Text(FixTags.SettlDate, report.SettlementDate);
        fields.Text(Tag.Text, report.Text);
    }
}
