using System.Buffers.Binary;
using Estream.Industrial;

namespace Estream.Wire.Modbus.Translation;

/// <summary>Translates a <see cref="ModbusRecord"/> into a ModbusReadResponse or ModbusWriteResponse. Thread-safe.</summary>
internal sealed class ResponseTranslator : IPayloadTranslator
{
    // The name of the device, the references to it and to the values, and their alignment.
    private const int VariableReserve = 192;

    private readonly byte[][] _devices;
    private readonly bool _isWrite;

    /// <param name="devices">The names of the devices in UTF-8, by index.</param>
    /// <param name="isWrite">Whether the messages are ModbusWriteResponse.</param>
    public ResponseTranslator(byte[][] devices, bool isWrite)
    {
        _devices = devices;
        _isWrite = isWrite;
    }

    /// <inheritdoc/>
    public TranslateStatus Translate(in WireMessage message, Span<byte> destination, out int length)
    {
        length = 0;
        if (!ModbusRecord.TryRead(message.Payload, out ModbusRecord record) || (uint)record.Device >= (uint)_devices.Length)
        {
            return TranslateStatus.Unfit("the payload is not a Modbus request with its response");
        }

        ModbusExceptionCode invalid = ModbusRequestView.TryParse(record.Request, out ModbusRequestView request);
        if (invalid != ModbusExceptionCode.None
            || !ModbusResponseView.TryParse(record.Request, record.Response, out ModbusResponseView response))
        {
            return TranslateStatus.Unfit("the response does not match its request");
        }

        if (request.IsWrite != _isWrite && request.Function != ModbusFunctionCode.ReadWriteMultipleRegisters)
        {
            return TranslateStatus.Unfit(_isWrite ? "the request does not write" : "the request does not read");
        }

        return _isWrite
            ? Write(record, request, response, destination, out length)
            : Read(record, request, response, destination, out length);
    }

    private TranslateStatus Read(
        in ModbusRecord record, in ModbusRequestView request, in ModbusResponseView response, Span<byte> destination, out int length)
    {
        length = 0;
        bool isBits = request.Function <= ModbusFunctionCode.ReadDiscreteInputs;
        int values = isBits ? request.Quantity : 2 * request.Quantity;
        if (destination.Length < ModbusReadResponse.FixedLength + VariableReserve + values)
        {
            return TranslateStatus.DestinationTooSmall;
        }

        ModbusReadResponse.Writer writer = ModbusReadResponse.Write(destination);
        writer.DeviceId = _devices[record.Device];
        writer.UnitId = record.Unit;
        writer.Function = FunctionOf(request.Function);
        writer.FunctionCode = (byte)request.Function;
        writer.Address = request.Address;
        writer.Quantity = (ushort)request.Quantity;
        writer.TransactionId = record.TransactionId;
        writer.RequestedAt = record.RequestedAt;
        writer.AnsweredAt = record.AnsweredAt;
        if (record.Sequence > 0)
        {
            writer.PollSequence = record.Sequence;
        }

        if (response.Exception != ModbusExceptionCode.None)
        {
            writer.Exception = ExceptionOf(response.Exception);
            writer.ExceptionCode = (byte)response.Exception;
        }
        else if (isBits)
        {
            var bits = writer.BeginBits();
            for (int index = 0; index < request.Quantity; index++)
            {
                bits.Add(ModbusBits.Get(response.Data, index));
            }

            writer.EndBits(bits);
        }
        else
        {
            var registers = writer.BeginRegisters();
            for (int at = 0; at < response.Data.Length; at += 2)
            {
                registers.Add(BinaryPrimitives.ReadUInt16BigEndian(response.Data[at..]));
            }

            writer.EndRegisters(registers);
        }

        length = writer.Length;
        return TranslateStatus.Ok;
    }

    private TranslateStatus Write(
        in ModbusRecord record, in ModbusRequestView request, in ModbusResponseView response, Span<byte> destination, out int length)
    {
        length = 0;
        if (destination.Length < ModbusWriteResponse.FixedLength + VariableReserve + (8 * request.Data.Length))
        {
            return TranslateStatus.DestinationTooSmall;
        }

        bool isReadWrite = request.Function == ModbusFunctionCode.ReadWriteMultipleRegisters;
        ModbusWriteResponse.Writer writer = ModbusWriteResponse.Write(destination);
        writer.DeviceId = _devices[record.Device];
        writer.UnitId = record.Unit;
        writer.Function = FunctionOf(request.Function);
        writer.FunctionCode = (byte)request.Function;
        writer.Address = isReadWrite ? request.WriteAddress : request.Address;
        writer.Quantity = (ushort)(isReadWrite ? request.Data.Length / 2 : request.Quantity);
        writer.TransactionId = record.TransactionId;
        writer.RequestedAt = record.RequestedAt;
        writer.AnsweredAt = record.AnsweredAt;
        if (response.Exception != ModbusExceptionCode.None)
        {
            writer.Exception = ExceptionOf(response.Exception);
            writer.ExceptionCode = (byte)response.Exception;
        }

        AddValues(request, ref writer);
        length = writer.Length;
        return TranslateStatus.Ok;
    }

    private static void AddValues(in ModbusRequestView request, ref ModbusWriteResponse.Writer writer)
    {
        switch (request.Function)
        {
            case ModbusFunctionCode.MaskWriteRegister:
                writer.AndMask = BinaryPrimitives.ReadUInt16BigEndian(request.Data);
                writer.OrMask = BinaryPrimitives.ReadUInt16BigEndian(request.Data[2..]);
                break;
            case ModbusFunctionCode.WriteSingleCoil:
                var coil = writer.BeginBits();
                coil.Add(request.Data[0] != 0);
                writer.EndBits(coil);
                break;
            case ModbusFunctionCode.WriteMultipleCoils:
                var bits = writer.BeginBits();
                for (int index = 0; index < request.Quantity; index++)
                {
                    bits.Add(ModbusBits.Get(request.Data, index));
                }

                writer.EndBits(bits);
                break;
            case ModbusFunctionCode.WriteFileRecord:
                break;
            default:
                var registers = writer.BeginRegisters();
                for (int at = 0; at + 1 < request.Data.Length; at += 2)
                {
                    registers.Add(BinaryPrimitives.ReadUInt16BigEndian(request.Data[at..]));
                }

                writer.EndRegisters(registers);
                break;
        }
    }

    private static ModbusFunction FunctionOf(ModbusFunctionCode function) => function switch
    {
        ModbusFunctionCode.ReadCoils => ModbusFunction.ReadCoils,
        ModbusFunctionCode.ReadDiscreteInputs => ModbusFunction.ReadDiscreteInputs,
        ModbusFunctionCode.ReadHoldingRegisters => ModbusFunction.ReadHoldingRegisters,
        ModbusFunctionCode.ReadInputRegisters => ModbusFunction.ReadInputRegisters,
        ModbusFunctionCode.WriteSingleCoil => ModbusFunction.WriteSingleCoil,
        ModbusFunctionCode.WriteSingleRegister => ModbusFunction.WriteSingleRegister,
        ModbusFunctionCode.WriteMultipleCoils => ModbusFunction.WriteMultipleCoils,
        ModbusFunctionCode.WriteMultipleRegisters => ModbusFunction.WriteMultipleRegisters,
        ModbusFunctionCode.MaskWriteRegister => ModbusFunction.MaskWriteRegister,
        ModbusFunctionCode.ReadWriteMultipleRegisters => ModbusFunction.ReadWriteMultipleRegisters,
        _ => ModbusFunction.Other,
    };

    private static ModbusException ExceptionOf(ModbusExceptionCode code) => code switch
    {
        ModbusExceptionCode.IllegalFunction => ModbusException.IllegalFunction,
        ModbusExceptionCode.IllegalDataAddress => ModbusException.IllegalDataAddress,
        ModbusExceptionCode.IllegalDataValue => ModbusException.IllegalDataValue,
        ModbusExceptionCode.ServerDeviceFailure => ModbusException.ServerDeviceFailure,
        ModbusExceptionCode.Acknowledge => ModbusException.Acknowledge,
        ModbusExceptionCode.ServerDeviceBusy => ModbusException.ServerDeviceBusy,
        ModbusExceptionCode.MemoryParityError => ModbusException.MemoryParityError,
        ModbusExceptionCode.GatewayPathUnavailable => ModbusException.GatewayPathUnavailable,
        ModbusExceptionCode.GatewayTargetFailedToRespond => ModbusException.GatewayTargetFailedToRespond,
        _ => ModbusException.Other,
    };
}
