namespace Estream.Wire.Modbus.Polling;

/// <summary>A request of a plan: one read of one device, with the points in it.</summary>
/// <param name="Device">The index of the device.</param>
/// <param name="Table">The table.</param>
/// <param name="Address">The first address.</param>
/// <param name="Count">The number of registers or bits.</param>
/// <param name="EveryMs">The time between two reads.</param>
/// <param name="Points">The points, by address.</param>
internal sealed record PlannedRead(
    int Device, ModbusTable Table, ushort Address, int Count, int EveryMs, IReadOnlyList<PlannedPoint> Points);

/// <summary>A point with its index in the adapter.</summary>
internal sealed record PlannedPoint(int Index, int Device, ModbusPointOptions Options);

/// <summary>
/// Joins points and blocks of a device into as few requests as possible: those of the same table and rate, if the gap between them is
/// small. No point is divided between requests, so that its registers are read at the same time.
/// </summary>
internal static class PollPlan
{
    private const int BitsPerGap = 16;

    /// <summary>Plans the reads of all devices.</summary>
    public static IReadOnlyList<PlannedRead> Create(IReadOnlyList<ModbusDeviceOptions> devices, IReadOnlyList<PlannedPoint> points)
    {
        List<PlannedRead> all = [];
        for (int index = 0; index < devices.Count; index++)
        {
            int device = index;
            IEnumerable<Piece> pieces = points.Where(point => point.Device == device && point.Options.EveryMs > 0)
                .Select(point => new Piece(point.Options.Table, point.Options.EveryMs, point.Options.Address, point.Options.Length, point))
                .Concat(devices[device].Reads.SelectMany(read => Divide(read, LimitOf(devices[device], read.Table))));
            foreach (IGrouping<(ModbusTable, int), Piece> group in pieces.GroupBy(piece => (piece.Table, piece.EveryMs)))
            {
                Join(device, devices[device], [.. group.OrderBy(piece => piece.Address).ThenByDescending(piece => piece.Count)], all);
            }
        }

        return all;
    }

    private static void Join(int device, ModbusDeviceOptions options, Piece[] pieces, List<PlannedRead> all)
    {
        ModbusTable table = pieces[0].Table;
        int limit = LimitOf(options, table);
        int gap = table.IsBits() ? options.MaxGap * BitsPerGap : options.MaxGap;
        int first = 0;
        int end = pieces[0].End;
        for (int index = 1; index <= pieces.Length; index++)
        {
            if (index < pieces.Length && pieces[index].Address <= end + gap
                && Math.Max(end, pieces[index].End) - pieces[first].Address <= limit)
            {
                end = Math.Max(end, pieces[index].End);
                continue;
            }

            PlannedPoint[] points = [.. pieces[first..index].Select(piece => piece.Point).OfType<PlannedPoint>()];
            all.Add(new PlannedRead(
                device, table, (ushort)pieces[first].Address, end - pieces[first].Address, pieces[first].EveryMs, points));
            if (index < pieces.Length)
            {
                first = index;
                end = pieces[index].End;
            }
        }
    }

    private static IEnumerable<Piece> Divide(ModbusReadOptions read, int limit)
    {
        for (int done = 0; done < read.Count; done += limit)
        {
            yield return new Piece(read.Table, read.EveryMs, read.Address + done, Math.Min(limit, read.Count - done), null);
        }
    }

    private static int LimitOf(ModbusDeviceOptions device, ModbusTable table) =>
        table.IsBits() ? table.MaxRead() : Math.Min(table.MaxRead(), device.MaxRegisters);

    private sealed record Piece(ModbusTable Table, int EveryMs, int Address, int Count, PlannedPoint? Point)
    {
        public int End => Address + Count;
    }
}
