using Estream.Compatibility;

// Creates the files under tests/Estream.Compatibility/Files/vN with the library this project references; docs/testing.md states when to run
// it.
string[] names =
[
    "queue-checksums", "queue-plain", "queue-reused", "queue-empty", "queue-killed-in-claim", "queue-killed-between-segments",
    "map-small", "map-grown", "map-text", "map-killed-in-value", "map-killed-before-growth", "map-killed-after-growth",
    "map-stamps", "map-feed", "map-killed-in-batch",
    "queue-shared", "queue-killed-in-shared-claims", "queue-killed-in-batch", "queue-encrypted", "queue-recovered", "queues-consumed",
    "bytemap-plain", "bytemap-versions", "bytemap-killed-in-pass",
];
switch (args)
{
    case ["child", "queues-consumed", var directory]:
        ConsumedMaker.Make(directory);
        return 0;
    case ["child", var name, var directory] when name.StartsWith("queue", StringComparison.Ordinal):
        QueueMaker.Make(name, directory);
        return 0;
    case ["child", var name, var directory] when name.StartsWith("bytemap", StringComparison.Ordinal):
        ByteMapMaker.Make(name, directory);
        return 0;
    case ["child", var name, var directory]:
        MapMaker.Make(name, directory);
        return 0;
    case [var folder, .. var some]:
        Directory.CreateDirectory(folder);
        foreach (string name in some.Length == 0 ? names : some)
        {
            Maker.Pack(name, folder);
            Console.WriteLine($"{name}: {new FileInfo(Path.Combine(folder, name + ".tar.gz")).Length} bytes");
        }

        return 0;
    default:
        Console.Error.WriteLine("usage: FOLDER [NAME...]");
        return 2;
}
