using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>Returns the tables of an adapter: its own, its devices, and its waiting payments.</summary>
internal static class AdapterTables
{
    private const int MaxTables = 16;

    public static IReadOnlyList<AdapterTable> Of(IWireAdapter adapter)
    {
        List<AdapterTable> tables = adapter is IAdapterTables own ? [.. own.Tables.Take(MaxTables)] : [];
        if (adapter is IFieldAdapter field)
        {
            AddMissing(tables, DevicesOf(field));
        }

        if (adapter is IPaymentAdapter payments)
        {
            AddMissing(tables, PaymentsOf(payments));
        }

        return tables;
    }

    private static void AddMissing(List<AdapterTable> tables, AdapterTable table)
    {
        if (!tables.Exists(other => other.Name == table.Name))
        {
            tables.Add(table);
        }
    }

    private static AdapterTable DevicesOf(IFieldAdapter adapter) => AdapterTable.Of(
        "devices", "Devices",
        [
            new AdapterColumn("name", "Name", AdapterColumnKind.Id),
            new AdapterColumn("address", "Address", AdapterColumnKind.Text),
            new AdapterColumn("state", "State", AdapterColumnKind.State),
            new AdapterColumn("detail", "Detail", AdapterColumnKind.Text),
            new AdapterColumn("lastPollAt", "Last poll", AdapterColumnKind.Time),
            new AdapterColumn("polls", "Polls", AdapterColumnKind.Count),
            new AdapterColumn("errors", "Errors", AdapterColumnKind.Count),
            new AdapterColumn("jitter", "Longest delay", AdapterColumnKind.Duration, "µs"),
        ],
        () => adapter.Devices,
        static device => device.Name,
        static device =>
        [
            device.Name, device.Address, AdapterRuntime.WordOf(device.Health.State), device.Health.Detail,
            AdapterCell.TimeOf(device.LastPollAt), device.Polls, device.Errors, device.JitterMicros,
        ],
        () => adapter.DeviceCount);

    private static AdapterTable PaymentsOf(IPaymentAdapter adapter) => AdapterTable.Of(
        "payments", "Waiting payments",
        [
            new AdapterColumn("messageId", "Message", AdapterColumnKind.Id),
            new AdapterColumn("index", "Number", AdapterColumnKind.Count),
            new AdapterColumn("endToEndId", "End-to-end id", AdapterColumnKind.Id),
            new AdapterColumn("state", "State", AdapterColumnKind.State),
            new AdapterColumn("status", "Last status", AdapterColumnKind.Text),
            new AdapterColumn("recordedAt", "Recorded", AdapterColumnKind.Time),
            new AdapterColumn("deadlineAt", "Deadline", AdapterColumnKind.Time),
        ],
        () => adapter.GetWaitingPayments(int.MaxValue),
        static payment => $"{payment.RecordedAt:D20} {payment.MessageId} {payment.Index:D10}",
        static payment =>
        [
            payment.MessageId, payment.Index, payment.EndToEndId, payment.IsReceived ? "received" : "sent", payment.Status,
            AdapterCell.TimeOf(payment.RecordedAt), AdapterCell.TimeOf(payment.DeadlineAt),
        ],
        () => adapter.WaitingPaymentCount);
}
