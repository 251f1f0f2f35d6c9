using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Estream.Streams.Operators;

/// <summary>Computes a number that identifies a pipeline in what it has written; never 0.</summary>
internal static class OriginNumber
{
    public static long Of(string pipeline) => BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(pipeline))) | 1;
}
