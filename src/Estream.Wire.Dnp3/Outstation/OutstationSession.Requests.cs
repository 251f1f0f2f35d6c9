using System.Buffers.Binary;
using Estream.Wire.Dnp3.Codec;
using Estream.Wire.Dnp3.Commands;

namespace Estream.Wire.Dnp3.Outstation;

/// <summary>The state of an outstation that outlives a connection.</summary>
internal sealed class OutstationState
{
    public bool IsRestarted { get; set; } = true;

    public bool NeedsTime { get; set; }

    public Dnp3Classes EnabledClasses { get; set; }

    /// <summary>What was added to the clock of the host to get that of the outstation, in milliseconds.</summary>
    public long ClockOffsetMs { get; set; }

    /// <summary>How often the clock was set.</summary>
    public int TimesSet { get; set; }
}

/// <summary>Requests: reads, writes, commands and times.</summary>
internal sealed partial class OutstationSession
{
    private CommandObject _selected;
    private byte _selectedSequence;
    private long _selectedUntil = long.MinValue;
    private long _recordedMs;

    /// <summary>Performs a command, and returns its status code.</summary>
    public required Func<CommandObject, byte> Perform { get; init; }

    /// <summary>Milliseconds since 1970-01-01 UTC of the host.</summary>
    public required Func<long> UtcMs { get; init; }

    private void Answer(ApplicationFunction function, ReadOnlySpan<byte> objects, long now)
    {
        switch (function)
        {
            case ApplicationFunction.Read:
                AnswerRead(objects, now);
                break;
            case ApplicationFunction.Write:
                Respond(0, Write(objects));
                break;
            case ApplicationFunction.Select or ApplicationFunction.Operate or ApplicationFunction.DirectOperate:
                AnswerCommand(function, objects, now);
                break;
            case ApplicationFunction.EnableUnsolicited or ApplicationFunction.DisableUnsolicited:
                Respond(0, Enable(objects, function == ApplicationFunction.EnableUnsolicited));
                break;
            case ApplicationFunction.RecordCurrentTime:
                _recordedMs = UtcMs();
                Respond(0, Indications.None);
                break;
            case ApplicationFunction.DelayMeasurement:
                ReadOnlySpan<byte> noDelay = [52, 2, Qualifiers.Count8, 1, 0, 0];
                noDelay.CopyTo(_fragment.AsSpan(ApplicationHeader.ResponseBytes));
                Respond(noDelay.Length, Indications.None);
                break;
            default:
                Respond(0, Indications.FunctionNotSupported);
                break;
        }
    }

    private void AnswerRead(ReadOnlySpan<byte> objects, long now)
    {
        ObjectReader reader = new(objects, hasData: false);
        Dnp3Classes classes = Dnp3Classes.None;
        while (reader.MoveNext())
        {
            if (reader.Group != 60 || reader.Variation is 0 or > 4)
            {
                Respond(0, Indications.ObjectUnknown);
                return;
            }

            classes |= (Dnp3Classes)(1 << (reader.Variation - 1));
        }

        if (reader.Status != ObjectStatus.Ok)
        {
            Respond(0, Indications.ParameterError);
            return;
        }

        _reading = classes & Dnp3Classes.Events;
        if ((classes & Dnp3Classes.Present) != 0)
        {
            foreach (Dnp3Measurement point in points.All)
            {
                _present.Enqueue(point);
            }
        }

        SendRead(isFirst: true, now);
    }

    private Indications Write(ReadOnlySpan<byte> objects)
    {
        ObjectReader reader = new(objects);
        if (!reader.MoveNext())
        {
            return Indications.ParameterError;
        }

        switch ((reader.Group, reader.Variation))
        {
            case (80, 1) when reader is { Start: 7, Count: 1 }:
                state.IsRestarted = (reader.Data[0] & 1) != 0;
                return Indications.None;
            case (50, 1 or 3) when reader.Count == 1:
                long time = BinaryPrimitives.ReadUInt32LittleEndian(reader.Data)
                    | ((long)BinaryPrimitives.ReadUInt16LittleEndian(reader.Data[4..]) << 32);
                state.ClockOffsetMs = time - (reader.Variation == 3 ? _recordedMs : UtcMs());
                state.NeedsTime = false;
                state.TimesSet++;
                return Indications.None;
            default:
                return Indications.ObjectUnknown;
        }
    }

    private Indications Enable(ReadOnlySpan<byte> objects, bool isEnabled)
    {
        ObjectReader reader = new(objects, hasData: false);
        while (reader.MoveNext())
        {
            if (reader.Group != 60 || reader.Variation is < 2 or > 4)
            {
                return Indications.ObjectUnknown;
            }

            Dnp3Classes one = (Dnp3Classes)(1 << (reader.Variation - 1));
            state.EnabledClasses = isEnabled ? state.EnabledClasses | one : state.EnabledClasses & ~one;
        }

        return reader.Status == ObjectStatus.Ok ? Indications.None : Indications.ParameterError;
    }

    private void AnswerCommand(ApplicationFunction function, ReadOnlySpan<byte> objects, long now)
    {
        if (!CommandObject.TryRead(objects, out CommandObject command))
        {
            Respond(0, Indications.ParameterError);
            return;
        }

        byte status = CommandStatus.Success;
        Dnp3PointKind kind = command.Group == 12 ? Dnp3PointKind.BinaryOutput : Dnp3PointKind.AnalogOutput;
        if (!points.TryGet(kind, command.Index, out _))
        {
            status = CommandStatus.NotSupported;
        }
        else if (function == ApplicationFunction.Select)
        {
            (_selected, _selectedSequence, _selectedUntil) = (command, _sequence, now + options.SelectTimeoutMs);
        }
        else
        {
            bool isSelected = command.Equals(_selected) && _sequence == ((_selectedSequence + 1) & ApplicationHeader.SequenceMask);
            status = function == ApplicationFunction.DirectOperate ? Perform(command)
                : !isSelected ? CommandStatus.NoSelect
                : now > _selectedUntil ? CommandStatus.Timeout
                : Perform(command);
            _selectedUntil = long.MinValue;
        }

        int length = (command with { Status = status }).Write(_fragment.AsSpan(ApplicationHeader.ResponseBytes));
        Respond(length, Indications.None);
    }
}
