using Estream.Core;
using Microsoft.Data.Sqlite;

namespace Estream.Marketplace.Server.Data;

/// <summary>
/// The SQLite file of a marketplace (docs/formats/marketplace-db.md): WAL, one writer, and a reader for each request. A commit is on the
/// disk before the call returns. Thread-safe.
/// </summary>
internal sealed class MarketplaceDatabase : IDisposable
{
    private const int Format = 1;

    private readonly Lock _writing = new();
    private readonly SqliteConnection _writer;
    private readonly string _readers;

    private MarketplaceDatabase(SqliteConnection writer, string readers)
    {
        (_writer, _readers) = (writer, readers);
    }

    /// <summary>Opens the database of a registry, and creates it if it does not exist.</summary>
    /// <param name="path">The file.</param>
    /// <param name="registry">The name of the registry. A database belongs to one registry.</param>
    /// <exception cref="EstreamException">The file cannot be opened, or belongs to another registry.</exception>
    public static MarketplaceDatabase Open(string path, string registry)
    {
        SqliteConnection? writer = null;
        try
        {
            CreateFile(path);
            writer = new SqliteConnection(Connect(path, SqliteOpenMode.ReadWrite, isPooled: false));
            writer.Open();
            Run(writer, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;");
            using (SqliteTransaction transaction = writer.BeginTransaction())
            {
                Run(writer, MarketplaceTables.Create);
                RequireOwn(writer, path, registry);
                transaction.Commit();
            }

            return new MarketplaceDatabase(writer, Connect(path, SqliteOpenMode.ReadOnly, isPooled: true));
        }
        catch (SqliteException failure)
        {
            writer?.Dispose();
            throw new EstreamStorageException($"The marketplace database '{path}' cannot be opened: {failure.Message}", path,
                StorageFailure.Other, failure);
        }
        catch
        {
            writer?.Dispose();
            throw;
        }
    }

    /// <summary>Runs commands in one transaction. Calls run one at a time.</summary>
    public T Write<T>(Func<SqliteConnection, T> write)
    {
        lock (_writing)
        {
            using SqliteTransaction transaction = _writer.BeginTransaction();
            T result = write(_writer);
            transaction.Commit();
            return result;
        }
    }

    /// <summary>Runs queries on one snapshot.</summary>
    public T Read<T>(Func<SqliteConnection, T> read)
    {
        using SqliteConnection connection = new(_readers);
        connection.Open();
        using SqliteTransaction transaction = connection.BeginTransaction(deferred: true);
        return read(connection);
    }

    /// <summary>Writes a copy of the database while it is in use.</summary>
    /// <param name="path">A file that does not exist.</param>
    public void BackUp(string path)
    {
        using SqliteConnection connection = new(_readers);
        connection.Open();
        using SqliteCommand command = Command(connection, "VACUUM INTO $path", ("$path", path));
        command.ExecuteNonQuery();
    }

    /// <summary>Creates a command with parameters.</summary>
    public static SqliteCommand Command(SqliteConnection connection, string text, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Every text is a constant or is joined from constants; values are parameters.
        command.CommandText = text;
#pragma warning restore CA2100
        foreach ((string name, object? value) in values)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        return command;
    }

    /// <summary>Runs a command; returns the number of changed rows.</summary>
    public static int Run(SqliteConnection connection, string text, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        using SqliteCommand command = Command(connection, text, values);
        return command.ExecuteNonQuery();
    }

    /// <summary>Reads all rows of a query.</summary>
    public static List<T> Query<T>(SqliteConnection connection, string text, Func<SqliteDataReader, T> row,
        params ReadOnlySpan<(string Name, object? Value)> values)
    {
        using SqliteCommand command = Command(connection, text, values);
        using SqliteDataReader reader = command.ExecuteReader();
        List<T> rows = [];
        while (reader.Read())
        {
            rows.Add(row(reader));
        }

        return rows;
    }

    public void Dispose()
    {
        _writer.Dispose();
        SqliteConnection.ClearPool(new SqliteConnection(_readers));
    }

    // Only the user of the host reads notes and addresses of moderators. SQLite gives its other files the mode of this one.
    private static void CreateFile(string path)
    {
        if (File.Exists(path))
        {
            return;
        }

        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            new FileStream(path, options).Dispose();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new EstreamStorageException($"The marketplace database '{path}' cannot be created: {failure.Message}", path,
                StorageFailure.Other, failure);
        }
    }

    private static void RequireOwn(SqliteConnection writer, string path, string registry)
    {
        Run(writer, "INSERT OR IGNORE INTO meta(key, value) VALUES ('registry', $registry), ('format', $format)",
            ("$registry", registry), ("$format", $"{Format}"));
        string owner = Query(writer, "SELECT value FROM meta WHERE key='registry'", row => row.GetString(0))[0];
        string format = Query(writer, "SELECT value FROM meta WHERE key='format'", row => row.GetString(0))[0];
        if (owner != registry)
        {
            throw new EstreamStorageException($"The marketplace database '{path}' belongs to the registry '{owner}', not to '{registry}'. "
                + "Set Estream:Marketplace:Database to another file.", path, StorageFailure.Other);
        }

        if (format != $"{Format}")
        {
            throw new EstreamFormatException($"The marketplace database '{path}' has the format {format}, and this version reads {Format}. "
                + "Use the version that wrote the file.", path);
        }
    }

    private static string Connect(string path, SqliteOpenMode mode, bool isPooled) => new SqliteConnectionStringBuilder
    {
        DataSource = path,
        Mode = mode,
        Pooling = isPooled,
        DefaultTimeout = 30,
    }.ToString();
}
