using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Estream.Streams.Operators;

/// <summary>Computes the number that identifies a pipeline in the maps it writes; never 0.</summary>
internal static class OriginNumber
{
    public static long Of(string pipeline) => BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(pipeline))) | 1;
}
