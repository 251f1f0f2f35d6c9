using Google.Protobuf;
using Google.Protobuf.Collections;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Codecs.Protobuf;

/// <summary>
/// Refills the classes of protoc: objects and lists are reused from message to message, bytes are wrapped and not copied, and an
/// absent value is the default value, as in proto3 without <c>optional</c>.
/// </summary>
internal static class Refill
{
    public static int Write(IMessage message, Span<byte> destination)
    {
        int length = message.CalculateSize();
        message.WriteTo(destination[..length]);
        return length;
    }

    public static ByteString Bytes(byte[]? bytes) => bytes is null ? ByteString.Empty : UnsafeByteOperations.UnsafeWrap(bytes);

    public static void List<TMessage, TRecord>(RepeatedField<TMessage> list, TRecord[] records, Func<TMessage?, TRecord?, TMessage?> fill)
        where TMessage : class
        where TRecord : class
    {
        while (list.Count > records.Length)
        {
            list.RemoveAt(list.Count - 1);
        }

        for (int i = 0; i < records.Length; i++)
        {
            if (i < list.Count)
            {
                fill(list[i], records[i]);
            }
            else
            {
                list.Add(fill(null, records[i])!);
            }
        }
    }

    public static void List(RepeatedField<string> list, Text[] texts)
    {
        list.Clear();
        foreach (Text text in texts)
        {
            list.Add(text.Chars);
        }
    }

    public static void List(RepeatedField<ByteString> list, byte[][] items)
    {
        list.Clear();
        foreach (byte[] item in items)
        {
            list.Add(Bytes(item));
        }
    }

    public static void List(RepeatedField<bool> list, bool[] items)
    {
        list.Clear();
        list.AddRange(items);
    }

    public static void List(RepeatedField<uint> list, uint[] items)
    {
        list.Clear();
        list.AddRange(items);
    }

    public static void List(RepeatedField<uint> list, ushort[] items)
    {
        list.Clear();
        foreach (ushort item in items)
        {
            list.Add(item);
        }
    }

    public static ulong Sum<T>(RepeatedField<T> list, Func<T?, ulong> take)
        where T : class
    {
        ulong sum = 0;
        foreach (T item in list)
        {
            sum += take(item);
        }

        return sum;
    }

    public static ulong Sum(RepeatedField<string> list) => Sum(list, Digests.Of!);

    public static ulong Sum(RepeatedField<ByteString> list) => Sum(list, item => Digests.Of(item!.Span));

    public static ulong Sum(RepeatedField<bool> list)
    {
        ulong sum = 0;
        foreach (bool item in list)
        {
            sum += item ? 1UL : 0UL;
        }

        return sum;
    }

    public static ulong Sum(RepeatedField<uint> list)
    {
        ulong sum = 0;
        foreach (uint item in list)
        {
            sum += item;
        }

        return sum;
    }
}
